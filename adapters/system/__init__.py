"""The machine's own clock, chance, ids, locks and waiting."""
