"""The files of an archive of change records, each with many records."""

import gzip
import json
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

GZIP = b"\x1f\x8b"

_object_at = json.JSONDecoder().raw_decode


class ArchiveProblem(Exception):
    """The archive cannot be read; the text is a sentence that names the place."""


class ArchivedRecord(NamedTuple):
    """A record's data, and where it lies."""

    data: bytes
    position: str


def records_in_folder(folder: Path) -> Iterator[ArchivedRecord]:
    """Give every record of the files in a folder and the folders in it, by name.

    Raises:
        ArchiveProblem: there is no such folder, nothing in it, or a file that cannot be read.
    """
    if not folder.is_dir():
        raise ArchiveProblem(f"There is no folder {str(folder)!r}.")
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    if not files:
        raise ArchiveProblem(f"There is no file in the folder {str(folder)!r}.")
    for path in files:
        try:
            yield from records_of(path.read_bytes(), str(path.relative_to(folder)))
        except OSError as error:
            raise ArchiveProblem(f"{str(path)!r} cannot be read: {error.strerror or error}.") from error


def records_of(content: bytes, name: str) -> Iterator[ArchivedRecord]:
    """Divide a file, compressed or not. Firehose puts line ends between records where it is told to, and nothing where it is not.

    Raises:
        ArchiveProblem: it is compressed, and not whole or damaged.
    """
    if content.startswith(GZIP):
        try:
            content = gzip.decompress(content)
        except (OSError, EOFError, zlib.error) as error:
            raise ArchiveProblem(f"{name!r} is damaged or not whole: {error}.") from error
    for number, line in enumerate(content.splitlines(), 1):
        for place, data in enumerate(_objects(line), 1):
            yield ArchivedRecord(data, f"{name}:{number}:{place}")


def _objects(line: bytes) -> Iterator[bytes]:
    """Give the JSON objects that follow each other on a line; what is none is given as it is, to be counted."""
    text = line.decode(errors="surrogateescape").strip()
    start = 0
    while start < len(text):
        try:
            _, end = _object_at(text, start)
        except (ValueError, RecursionError):
            end = len(text)
        yield text[start:end].encode(errors="surrogateescape")
        start = end
        while start < len(text) and text[start].isspace():
            start += 1
