"""Commands on the in-memory adapters, with the network failing where a test wants it."""
