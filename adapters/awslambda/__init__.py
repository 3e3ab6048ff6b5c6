"""Lambda functions and what feeds them."""
