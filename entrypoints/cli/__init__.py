"""The `ecshop` command."""
