"""The modules of `adapters.kafka` as they are, or anew with the mutant that `MUTANT` names."""

import os
import types

from tests.contract.mutants.kafka import KAFKA
from tests.contract.mutants.package import module_of

_PACKAGE = "adapters.kafka"
# In the order in which they import each other; what is not named here is shared.
_MADE_AGAIN = ("messages", "progress", "membership", "onlooker", "event_feed", "producer", "event_publisher")


def module(name: str) -> types.ModuleType:
    """Give a module of the package as it is, or as it is with the mutant that `MUTANT` names."""
    mutant = os.environ.get("MUTANT", "")
    found = next((each for of_suite in KAFKA.values() for each in of_suite if each.name == mutant), None)
    return module_of(_PACKAGE, _MADE_AGAIN, name, found)
