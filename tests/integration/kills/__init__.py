"""Processes of the shop killed while shoppers shop: what they were told is held against what is there in the end."""
