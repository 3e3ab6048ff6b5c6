"""The parts of the Kinesis feed that need no Kinesis."""
