"""Deliberately broken in-memory stores that the contract suites must reject."""
