"""What the outside calls. Knows core and config, never an adapter."""
