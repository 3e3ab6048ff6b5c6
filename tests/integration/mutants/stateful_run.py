"""The stateful test on a mutant, in a process of its own: it ends at the first example that shows it.

Usage: python -m tests.integration.mutants.stateful_run NAME EXAMPLES. Prints one line of JSON.
"""

import json
import logging
import sys

from tests.integration.mutants.catalogue import is_used, mutate


def main(name: str, examples: int) -> None:
    """Run, and tell which example showed it, if any, and how."""
    mutate(name)
    # Only now: whatever these import, the mutant is in its place.
    from hypothesis import Phase  # noqa: PLC0415
    from hypothesis.stateful import run_state_machine_as_test  # noqa: PLC0415

    from core.domain.aggregate import Aggregate  # noqa: PLC0415
    from tests.integration.stateful.machine import ShopMachine, steady  # noqa: PLC0415

    logging.disable()
    Aggregate.snapshot_every = 2
    examples_run, error = 0, ""

    class CountedMachine(ShopMachine):
        """One is made for each example."""

        def __init__(self) -> None:
            """Count it."""
            nonlocal examples_run
            examples_run += 1
            super().__init__()

    try:
        # Neither shrunk nor explained: that it is found is enough.
        run_state_machine_as_test(
            CountedMachine, settings=steady(examples, phases=[Phase.generate], report_multiple_bugs=False)
        )
    except Exception as found:  # noqa: BLE001 - a mutant shows in whatever way it may
        error = f"{type(found).__name__}: {found}".splitlines()[0]
    print(json.dumps({"examples": examples_run, "error": error, "used": is_used(name)}))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
