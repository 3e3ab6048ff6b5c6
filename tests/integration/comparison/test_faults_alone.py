"""`docs/guarantees.md` says what each fault does to each design and consumer; it is what runs of today show."""

import pytest

from entrypoints.comparison.faults import APPLIES, DESIGNS
from tests.integration.comparison.fault_matrix import BEGIN, DOCUMENT, NONE, row

SAID = DOCUMENT.read_text(encoding="utf-8").partition(BEGIN)[2]

ROWS = [
    (design, fault)
    for design in DESIGNS
    for fault in (NONE, *APPLIES)
    if fault == NONE or APPLIES[fault](design, "doorbell")
]


def said(design: str) -> str:
    """Give a design's part of the document."""
    return SAID.partition(f"## What each fault does: {design}\n")[2].partition("\n## ")[0]


@pytest.mark.parametrize(("design", "fault"), ROWS)
def test_a_fault_alone_does_what_the_document_says(design: str, fault: str) -> None:
    assert row(design, fault) in said(design)


@pytest.mark.parametrize("design", DESIGNS)
def test_the_document_has_every_fault_of_a_design_once(design: str) -> None:
    named = [line.split("`")[1] for line in said(design).splitlines() if line.startswith("| `")]

    assert named == [fault for each, fault in ROWS if each == design]
