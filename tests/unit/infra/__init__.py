"""The AWS stack, as its sources say it."""
