"""Lists of names on the command line."""

from entrypoints.cli.refusal import Refused


def names(what: str, given: str | None, known: tuple[str, ...]) -> list[str]:
    """Read a list with commas, all that are `known` where none is given; give them in the order of `known`.

    Raises:
        Refused: one is not known.
    """
    names = [name.strip() for name in given.split(",")] if given is not None else list(known)
    for name in names:
        if name not in known:
            raise Refused(f"There is no {what} {name!r}; there are {', '.join(known)}")
    return [name for name in known if name in names]
