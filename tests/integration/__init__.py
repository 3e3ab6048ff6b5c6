"""A process or a real server at the other end."""
