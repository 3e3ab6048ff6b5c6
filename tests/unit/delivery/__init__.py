"""How committed events become rows: the consumer rule and the projector's loop."""
