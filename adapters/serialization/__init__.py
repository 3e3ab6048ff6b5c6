"""The JSON that every store and transport shares."""
