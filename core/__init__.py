"""The shop itself: rules, promises and use cases. Standard library only, and no I/O, clock or randomness of its own."""
