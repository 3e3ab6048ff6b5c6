"""The modules of a package anew, one of them with a line replaced: they import one another, so all are made again."""

import importlib
import sys
import types
from functools import cache

from tests.contract.mutants.catalogue import rewritten_source
from tests.contract.mutants.mutant import Mutant


def module_of(package: str, made_again: tuple[str, ...], name: str, mutant: Mutant | None) -> types.ModuleType:
    """Give a module of the package as it is, or with this mutant. `made_again`: all that import each other, in that order."""
    return _made_again(package, made_again, mutant)[name] if mutant else importlib.import_module(f"{package}.{name}")


@cache
def _made_again(package_name: str, names: tuple[str, ...], found: Mutant) -> dict[str, types.ModuleType]:
    package = importlib.import_module(package_name)
    before = {each: importlib.import_module(f"{package_name}.{each}") for each in names}
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
