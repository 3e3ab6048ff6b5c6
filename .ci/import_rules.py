"""An import-linter contract that a list of forbidden names cannot express: the standard library, and nothing else."""

import sys
from typing import Any, cast

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output


class StandardLibraryOnly(Contract):
    """The `packages` import themselves and the standard library; a new dependency is refused without being listed."""

    type_name = "standard_library_only"

    packages = fields.ListField(subfield=fields.StringField())

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:  # noqa: FBT001 (import-linter's signature)
        """Collect every import that leaves the packages for anything but the standard library."""
        del verbose
        packages = cast("list[str]", self.packages)
        allowed = sys.stdlib_module_names | set(packages)
        strays = [
            (importer, imported, graph.get_import_details(importer=importer, imported=imported))
            for importer in sorted(graph.modules)
            if importer.partition(".")[0] in packages
            for imported in sorted(graph.find_modules_directly_imported_by(importer))
            if imported.partition(".")[0] not in allowed
        ]
        missing = sorted(set(packages) - graph.modules)
        return ContractCheck(kept=not strays and not missing, metadata={"strays": strays, "missing": missing})

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Print a line for each stray import."""
        metadata = cast("dict[str, list[Any]]", check.metadata)
        for package in metadata["missing"]:
            output.print_error(f"{package} is not a package of this repository", bold=False)
        for importer, imported, places in metadata["strays"]:
            lines = ", ".join(str(place["line_number"]) for place in places)
            output.print_error(f"{importer} imports {imported} (line {lines})", bold=False)
