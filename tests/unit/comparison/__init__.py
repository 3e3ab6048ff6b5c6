"""The parts of the comparison, each for itself."""
