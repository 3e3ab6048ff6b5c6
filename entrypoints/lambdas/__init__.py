"""The functions that AWS Lambda calls."""
