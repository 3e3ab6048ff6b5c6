"""The aggregates, decided and folded in memory."""
