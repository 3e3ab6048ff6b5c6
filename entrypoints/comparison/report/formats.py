"""Numbers as people read them."""

SECOND, MINUTE, TEN = 1_000.0, 60_000.0, 10.0


def duration(milliseconds: float) -> str:
    """Say a time with two or three digits: `404 ms`, `7.2 s`, `284 s`."""
    if milliseconds < SECOND:
        return f"{milliseconds:.0f} ms" if milliseconds >= TEN or not milliseconds else f"{milliseconds:.1f} ms"
    seconds = milliseconds / SECOND
    return f"{seconds:,.1f} s" if milliseconds < MINUTE else f"{seconds:,.0f} s"


def number(value: float | None, unit: str = "") -> str:
    """Say a figure: counts whole, what has a unit in it, nothing as a dash."""
    if value is None:
        return "–"
    if unit == "ms":
        return duration(value)
    return f"{value:,}" if isinstance(value, int) else f"{value:,.2f}"


def percent(share: float) -> str:
    """Say a share; what is not nothing never reads as 0 %, what is not everything never as 100 %."""
    if 0 < share < 0.01:  # noqa: PLR2004
        return "under 1 %"
    return "over 99 %" if 0.99 < share < 1 else f"{share * 100:.0f} %"  # noqa: PLR2004


def several(names: list[str], word: str = "and") -> str:
    """Join words as in a sentence."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} {word} {names[-1]}"


def counted(count: int, what: str) -> str:
    """Say how many of something: `1 schedule`, `2,000 schedules`."""
    return f"{count:,} {what}{'' if count == 1 else 's'}"
