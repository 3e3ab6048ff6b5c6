"""Pure tests, in memory, in milliseconds."""
