"""Local servers that the shop starts and stops itself, so that there is nothing to install."""
