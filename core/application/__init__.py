"""Use cases: commands and queries with their handlers, and how a decision becomes a commit."""
