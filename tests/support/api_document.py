"""The table of `docs/api.md`, as programs read it."""

import re
from dataclasses import dataclass
from pathlib import Path

API = Path(__file__).parents[2] / "docs" / "api.md"


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the contract: who may ask, what of (in brackets: may be left out), the good answer's status, and the other ones."""

    method: str
    path: str
    who: str
    body: str
    good: int
    others: tuple[int, ...]

    @property
    def writes(self) -> bool:
        """Whether it is a command."""
        return self.method != "GET"

    @property
    def statuses(self) -> tuple[int, ...]:
        """Every status that it answers."""
        return self.good, *self.others

    def __str__(self) -> str:
        """Name it in a test's id."""
        return f"{self.method} {self.path}"


def rows() -> list[Row]:
    """Read the rows of the table of methods and paths."""
    lines = [[cell.strip() for cell in line.strip()[1:-1].split("|")] for line in API.read_text().splitlines()]
    header = next(cells for cells in lines if cells[:2] == ["method", "path"])
    table = [dict(zip(header, cells, strict=True)) for cells in lines if cells[0] in {"GET", "POST", "PUT", "DELETE"}]
    return [
        Row(
            row["method"],
            row["path"].strip("`"),
            row["who"],
            row["body"].strip("`"),
            int(row["good"][:3]),
            tuple(int(status) for status in re.findall(r"\b(304|[45]\d\d)\b", f"{row['good']} {row['refusals']}")),
        )
        for row in table
    ]
