"""Kinds of settings: what a text must look like to be one. Each says no in words that follow the variable's name."""

import re
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, SecretStr

# Rules of CreateTable: docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_CreateTable.html
TABLE_NAME = re.compile(r"[a-zA-Z0-9_.-]{3,255}")

SECRET_LENGTH = 32

# The two forms of libpq: https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING
DATABASE_URL = re.compile(r"postgres(ql)?://|\s*\w+\s*=")

# What a browser sends as Origin (RFC 6454, 6.2): without a path, and in lower case.
ORIGIN = re.compile(r"https?://([a-z0-9._-]+|\[[0-9a-f:.]+\])(:\d{1,5})?")


def _table_name(text: str) -> str:
    if not TABLE_NAME.fullmatch(text):
        raise ValueError("must be 3 to 255 letters a to z and A to Z, digits, underscores, dots or hyphens")
    return text


def _endpoint(text: str) -> str:
    if not text:
        return text
    try:
        parts = urlsplit(text)
        fits = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:  # a port or an IPv6 address that cannot be one
        fits = False
    if not fits or text.split() != [text] or not text.isprintable():
        raise ValueError("must be empty, which is AWS, or an address such as http://localhost:8000")
    return text


def _origin(text: str) -> str:
    if not ORIGIN.fullmatch(text):
        raise ValueError(
            "must be origins with commas between them, each http(s)://host or http(s)://host:port, in lower case and without a path"
        )
    return text


def _token(secret: SecretStr) -> SecretStr:
    text = secret.get_secret_value()
    if not (text.isascii() and text.isprintable() and text == text.strip()):
        raise ValueError("must be printable ASCII without a space at either end, as an HTTP header carries it")
    return secret


def _key(secret: SecretStr) -> SecretStr:
    text = secret.get_secret_value()
    if len(text) < SECRET_LENGTH:
        raise ValueError(f"must have {SECRET_LENGTH} characters or more")
    try:
        text.encode()
    except UnicodeEncodeError:  # Python reads other bytes of the environment as halves of surrogate pairs
        raise ValueError("must be text in UTF-8") from None
    return secret


def _database_url(secret: SecretStr) -> SecretStr:
    text = secret.get_secret_value()
    if not DATABASE_URL.match(text):
        raise ValueError(
            "must be such as postgresql://user:password@host:5432/name, or a connection string such as host=... dbname=..."
        )
    return secret


DatabaseUrl = Annotated[SecretStr, AfterValidator(_database_url)]
"""Where a PostgreSQL is and how it is logged in to."""

TableName = Annotated[str, AfterValidator(_table_name)]
"""A table of DynamoDB."""

Endpoint = Annotated[str, AfterValidator(_endpoint)]
"""Where a service is asked; empty is the vendor's own."""

Origin = Annotated[str, AfterValidator(_origin)]
"""Pages of one scheme, host and port."""

Token = Annotated[SecretStr, AfterValidator(_token)]
"""A secret that travels as `Authorization: Bearer <token>`."""

Key = Annotated[SecretStr, AfterValidator(_key)]
"""A secret that signs."""
