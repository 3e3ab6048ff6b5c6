"""The mutants of domain and consumer, and how one takes its module's place."""

import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from types import CodeType, ModuleType

from tests.contract.mutants.mutant import Mutant
from tests.integration.mutants.delivery import DELIVERY
from tests.integration.mutants.shop import SHOP
from tests.integration.mutants.suites import SUITES

MUTANTS = SHOP + DELIVERY
"""Those that the stateful test finds."""

ALL = (*MUTANTS, *(mutant for of_suite in SUITES.values() for mutant in of_suite))


class MutatedLoader(SourceFileLoader):
    """Loads a module with one line replaced, which must stand there exactly once."""

    mutant: Mutant

    def get_code(self, fullname: str) -> CodeType:
        """Compile the broken source, never what was compiled before."""
        source = self.get_source(fullname)
        if source is None or source.count(self.mutant.line) != 1:
            raise LookupError(f"the line of mutant {self.mutant.name!r} does not stand once in {fullname}")
        return self.source_to_code(source.replace(self.mutant.line, self.mutant.broken).encode(), self.path)


class Mutation(MetaPathFinder):
    """Has a mutant imported in place of its module."""

    def __init__(self, mutant: Mutant) -> None:
        """Wait for its import."""
        self._mutant = mutant

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Find this one module alone."""
        if fullname != self._mutant.module:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        assert spec
        assert spec.origin
        spec.loader = loader = MutatedLoader(fullname, spec.origin)
        loader.mutant = self._mutant
        return spec


def mutate(name: str) -> None:
    """Have this process import a mutant, which nothing may have imported before; no name, no mutant."""
    for mutant in (each for each in ALL if each.name == name):
        if mutant.module in sys.modules:
            raise ImportError(f"{mutant.module} was imported before it could be broken")
        sys.meta_path.insert(0, Mutation(mutant))


def is_used(name: str) -> bool:
    """Tell whether the mutant was imported."""
    modules = [sys.modules.get(mutant.module) for mutant in ALL if mutant.name == name]
    return any(module and isinstance(module.__loader__, MutatedLoader) for module in modules)
