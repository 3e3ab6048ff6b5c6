"""Folds from events to what people read."""
