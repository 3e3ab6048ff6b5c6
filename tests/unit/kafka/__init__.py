"""The parts of the Kafka adapters that need no Kafka."""
