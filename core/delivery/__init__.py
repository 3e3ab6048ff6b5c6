"""How committed events reach their consumers."""
