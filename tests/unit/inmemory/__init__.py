"""What the adapters in memory do beyond their contracts."""
