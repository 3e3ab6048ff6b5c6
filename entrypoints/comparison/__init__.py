"""The experiment: the shop under each delivery design, what each loses, and who says so."""
