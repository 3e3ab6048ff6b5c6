"""What goes on behind the rows, one file a role: as threads of a served shop, or as a process of its own."""
