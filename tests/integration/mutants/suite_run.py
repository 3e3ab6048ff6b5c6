"""A suite on a mutant, in a process of its own.

Usage: python -m tests.integration.mutants.suite_run NAME SUITE. Prints one line of JSON.
"""

import json
import sys

from tests.integration.mutants.catalogue import is_used, mutate


def main(name: str, suite: str) -> None:
    """Run, and tell how the suite ended and whether it met the mutant."""
    mutate(name)
    import pytest  # noqa: PLC0415 - only now: whatever its plugins import, the mutant is in its place

    status = int(pytest.main(["-x", "-q", "-p", "no:cacheprovider", suite]))
    print("\n" + json.dumps({"failed": status == pytest.ExitCode.TESTS_FAILED, "used": is_used(name)}))


if __name__ == "__main__":
    main(*sys.argv[1:])
