"""The mutants: each is the real in-memory adapter with one line of its source replaced.

The line must stand there exactly once, so a mutant cannot rot into the original unnoticed.
"""

import inspect
import sys
import types
from typing import Any

from tests.contract.mutants.answers import ANSWERS
from tests.contract.mutants.claims import CLAIMS
from tests.contract.mutants.conditions import CONDITIONS
from tests.contract.mutants.limits import LIMITS
from tests.contract.mutants.mails import MAILS
from tests.contract.mutants.mutant import Mutant
from tests.contract.mutants.outbox import OUTBOX
from tests.contract.mutants.reads import READS
from tests.contract.mutants.snapshots import SNAPSHOTS

_EVENTS = "adapters.inmemory.event_store"
_RECORDING = "adapters.serialization.recording"

MUTANTS = CONDITIONS + CLAIMS + ANSWERS + READS + LIMITS + SNAPSHOTS + MAILS + OUTBOX


def mutated(original: type, name: str) -> Any:  # noqa: ANN401 - a class made at run time from the original's source
    """Give the class as it is, or as the mutant `name` of its module, or of what it imports, has it."""
    mutant = next((each for each in MUTANTS if each.name == name), None)
    if mutant is None:
        if name:
            raise LookupError(f"there is no mutant {name!r}")
        return original
    home = sys.modules[original.__module__]
    if mutant.module == _RECORDING and original.__module__ == _EVENTS:
        broken = _rewritten(sys.modules[_RECORDING], mutant)
        module = _executed(home, inspect.getsource(home))
        module.__dict__["record"] = broken.__dict__["record"]
        return getattr(module, original.__name__)
    if mutant.module == original.__module__:
        return getattr(_rewritten(home, mutant), original.__name__)
    return original


def rewritten_source(module: types.ModuleType, mutant: Mutant | None) -> str:
    """Give the module's source as it is, or with the mutant's line."""
    source = inspect.getsource(module)
    if mutant is None:
        return source
    if source.count(mutant.line) != 1:
        raise LookupError(
            f"the line of mutant {mutant.name!r} stands {source.count(mutant.line)} times in {mutant.module}"
        )
    return source.replace(mutant.line, mutant.broken)


def _rewritten(module: types.ModuleType, mutant: Mutant) -> types.ModuleType:
    return _executed(module, rewritten_source(module, mutant))


def _executed(module: types.ModuleType, source: str) -> types.ModuleType:
    made = types.ModuleType(f"{module.__name__}_mutated")
    sys.modules[made.__name__] = made
    exec(compile(source, f"<{made.__name__}>", "exec"), made.__dict__)  # noqa: S102 - our own source with one line replaced
    return made
