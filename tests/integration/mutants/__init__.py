"""Deliberately broken domain and consumer code that the stateful test must find."""
