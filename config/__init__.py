"""Settings and the composition roots: the only code that knows everybody."""
