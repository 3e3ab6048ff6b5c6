"""The modules of `adapters.postgres` as they are, or anew with the mutant that `MUTANT` names."""

import os
import types

from tests.contract.mutants.package import module_of
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
    return module_of(_PACKAGE, _MADE_AGAIN, name, found)
