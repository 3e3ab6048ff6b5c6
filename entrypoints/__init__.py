"""What the outside calls: HTTP and the command line."""
