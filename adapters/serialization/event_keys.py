"""What a record of any feed must tell to be a doorbell: which stream, and which version of it."""

MOST_DIGITS = 18
"""Of a version: a BIGINT holds it, and no stream comes so far."""

MOST_BYTES = 2048
"""Of a stream's name in UTF-8: DynamoDB keeps no longer partition key, and PostgreSQL indexes 2,704 bytes at most, all columns together."""


def readable_key(stream: str, version: str) -> tuple[str, int] | None:
    """Give the stream and the version of an event, or None where they cannot be those of one."""
    # No database keeps a NUL in a text, so no cursor could be kept for such a stream.
    is_name = stream and "\0" not in stream and len(stream.encode()) <= MOST_BYTES
    is_version = version.isascii() and version.isdigit() and len(version) <= MOST_DIGITS and int(version) > 0
    return (stream, int(version)) if is_name and is_version else None
