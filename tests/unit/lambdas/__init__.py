"""The Lambda functions, called as Lambda calls them."""
