"""The running shop through HTTP."""
