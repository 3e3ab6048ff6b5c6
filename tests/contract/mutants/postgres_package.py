"""The modules of `adapters.postgres` anew, one of them with a line replaced: they import one another, so all are made again."""

import importlib
import os
import sys
import types
from functools import cache

from tests.contract.mutants.catalogue import rewritten_source
from tests.contract.mutants.mutant import Mutant
from tests.contract.mutants.postgres import POSTGRES

_PACKAGE = "adapters.postgres"
# In the order in which they import each other; what is not named here is shared.
_MADE_AGAIN = (
    "arrays",
    "read_tables",
    "batch_sql",
    "query_statements",
    "standings",
    "changes",
    "generation_tables",
    "generations",
    "batch",
    "projection",
    "queries",
    "mail_queue",
)


def module(name: str) -> types.ModuleType:
    """Give a module of the package as it is, or as it is with the mutant that `MUTANT` names."""
    mutant = os.environ.get("MUTANT", "")
    found = next((each for of_suite in POSTGRES.values() for each in of_suite if each.name == mutant), None)
    return _made_again(found)[name] if found else importlib.import_module(f"{_PACKAGE}.{name}")


@cache
def _made_again(found: Mutant) -> dict[str, types.ModuleType]:
    package = importlib.import_module(_PACKAGE)
    before = {each: importlib.import_module(f"{_PACKAGE}.{each}") for each in _MADE_AGAIN}
    made: dict[str, types.ModuleType] = {}
    try:
        for each, original in before.items():
            source = rewritten_source(original, found if found.module == original.__name__ else None)
            new = made[each] = types.ModuleType(original.__name__)
            exec(compile(source, f"<{original.__name__}, mutated>", "exec"), new.__dict__)  # noqa: S102 - as in the catalogue
            sys.modules[original.__name__] = new
            setattr(package, each, new)
    finally:
        for each, original in before.items():
            sys.modules[original.__name__] = original
            setattr(package, each, original)
    return made
