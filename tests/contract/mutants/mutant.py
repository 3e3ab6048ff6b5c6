"""What a mutant is."""

from typing import NamedTuple


class Mutant(NamedTuple):
    """One line of `module` and what stands in its place."""

    name: str
    module: str
    line: str
    broken: str
