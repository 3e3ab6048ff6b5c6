"""What core asks of the outside: protocols whose docstrings state the guarantees an adapter owes."""
