"""Mutants that do no harm which a row would show; the suite that states the rule finds each."""

from tests.contract.mutants.mutant import Mutant

SUITES: dict[str, tuple[Mutant, ...]] = {
    "tests/unit/delivery/test_poison.py": (
        Mutant(
            "heals before it looks whether the stream is parked",
            "core.delivery.stream_batch",
            "        if self.parked:\n            return self._wait(self.parked, newest)\n",
            "",
        ),
    ),
    "tests/unit/delivery/test_rebuild.py": (
        Mutant(
            "takes a generation that was retired for one that is written",
            "core.delivery.transactions",
            "            if generation not in batches:\n                raise NotWritten\n",
            "",
        ),
    ),
}
"""By the file of the suite."""
