"""Locks and the environment."""
