"""The `ecshop` command as it is where only some extras are installed.

Usage: python -m tests.support.only_extras EXTRAS ARGUMENT..., where EXTRAS are names with commas between them, or `-` for none.
"""

import sys
import tomllib
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, packages_distributions, requires
from pathlib import Path
from types import ModuleType

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PROJECT = Path(__file__).parents[2] / "pyproject.toml"
OURS = {"core", "adapters", "entrypoints", "config", "tests"}


class NotInstalled:
    """Stands first among the finders, and knows of no module of these packages."""

    def __init__(self, packages: set[str]) -> None:
        """Hide these."""
        self._packages = packages

    def find_spec(self, name: str, _path: Sequence[str] | None = None, _target: ModuleType | None = None) -> None:
        """Say no, in Python's own words.

        Raises:
            ModuleNotFoundError: the module is hidden.
        """
        if name.partition(".")[0] in self._packages:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


def asked_for(extras: Sequence[str]) -> list[Requirement]:
    """Give what pyproject.toml says that these extras and the package itself need."""
    project = tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"]
    optional = project["optional-dependencies"]
    return [
        Requirement(text) for text in [*project["dependencies"], *(text for name in extras for text in optional[name])]
    ]


def installed_with(extras: Sequence[str]) -> set[str]:
    """Give the distributions that an installation with these extras has, all that they need in turn included."""
    waiting, found = asked_for(extras), set[tuple[str, str]]()
    while waiting:
        wanted = waiting.pop()
        for extra in {"", *wanted.extras}:
            if (one := (canonicalize_name(wanted.name), extra)) in found:
                continue
            try:
                needed = [Requirement(text) for text in requires(wanted.name) or []]
            except PackageNotFoundError:  # a dependency for another platform
                continue
            found.add(one)
            waiting += [need for need in needed if not need.marker or need.marker.evaluate({"extra": extra})]
    return {name for name, _ in found}


def hide_all_but(extras: Sequence[str]) -> None:
    """Hide every installed package that an installation with these extras lacks."""
    kept = installed_with(extras)
    hidden = {
        package
        for package, distributions in packages_distributions().items()
        if package not in OURS and kept.isdisjoint(map(canonicalize_name, distributions))
    }
    for name in [name for name in sys.modules if name.partition(".")[0] in hidden]:
        del sys.modules[name]
    sys.meta_path.insert(0, NotInstalled(hidden))


if __name__ == "__main__":
    extras, *arguments = sys.argv[1:]
    hide_all_but([] if extras == "-" else extras.split(","))
    sys.argv = ["ecshop", *arguments]
    from entrypoints.cli.__main__ import main

    main()
