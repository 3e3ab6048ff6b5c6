"""Everything in this process's memory, encoded as elsewhere: the test bed, the demo shop and the comparison run on it."""
