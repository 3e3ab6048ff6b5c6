"""One package per technology, each the plain translation of core's ports."""
