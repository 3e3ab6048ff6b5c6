"""Kinds of settings: what a text must look like to be one. Each says no in words that follow the variable's name."""

import re
from email.utils import parseaddr
from ipaddress import IPv6Address
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr

# Rules of CreateTable: docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_CreateTable.html
TABLE_NAME = re.compile(r"[a-zA-Z0-9_.-]{3,255}")

STREAM_NAME = re.compile(r"[a-zA-Z0-9_.-]{1,128}")

# Rules of a topic's name, in org.apache.kafka.common.internals.Topic: https://kafka.apache.org/documentation/#topicconfigs
TOPIC_NAME = re.compile(r"(?!\.{1,2}$)[a-zA-Z0-9_.-]{1,249}")

# A name or an IPv4 address, or an IPv6 address in brackets, with its port.
SERVER = re.compile(r"([a-zA-Z0-9._-]+|\[[0-9a-fA-F:.]+\]):([1-9]\d{0,4})")

HIGHEST_PORT = 65_535

FUNCTION_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")

SECRET_LENGTH = 32

# The two forms of libpq: https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING
DATABASE_URL = re.compile(r"postgres(ql)?://|\s*\w+\s*=")

# What a browser sends as Origin (RFC 6454, 6.2): without a path, and in lower case.
ORIGIN = re.compile(r"https?://([a-z0-9._-]+|\[[0-9a-f:.]+\])(:\d{1,5})?")

HOST = re.compile(r"[a-zA-Z0-9._-]*")

# A dot-string at a domain (RFC 5321, 4.1.2): what every mail server takes, and what may end a Message-ID.
ADDRESS = re.compile(r"[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[a-zA-Z0-9.-]{1,253}")


def _table_name(text: str) -> str:
    if not TABLE_NAME.fullmatch(text):
        raise ValueError("must be 3 to 255 letters a to z and A to Z, digits, underscores, dots or hyphens")
    return text


def _stream_name(text: str) -> str:
    if not STREAM_NAME.fullmatch(text):
        raise ValueError("must be 1 to 128 letters a to z and A to Z, digits, underscores, dots or hyphens")
    return text


def _topic_name(text: str) -> str:
    if not TOPIC_NAME.fullmatch(text):
        raise ValueError(
            "must be 1 to 249 letters a to z and A to Z, digits, underscores, dots or hyphens, and not . or .."
        )
    return text


def _servers(text: str) -> str:
    servers = [server.strip() for server in text.split(",")] if text.strip() else []
    for server in servers:
        found = SERVER.fullmatch(server)
        if not found or int(found[2]) > HIGHEST_PORT:
            raise ValueError("must be servers with commas between them, each host:port, such as localhost:9092")
    return ",".join(servers)


def _function_name(text: str) -> str:
    if not FUNCTION_NAME.fullmatch(text):
        raise ValueError("must be 1 to 64 letters a to z and A to Z, digits, underscores or hyphens")
    return text


def _endpoint(text: str) -> str:
    if not text:
        return text
    try:
        parts = urlsplit(text)
        fits = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0 and "@" not in parts.netloc
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
    if text.startswith("postgres") and text.count("@") > ("@" in urlsplit(text).netloc):
        # libpq would take what stands before the last @ for a host or a name, and repeat it.
        raise ValueError("must have each / ? # @ of its user and password written as %2F %3F %23 %40")
    if not DATABASE_URL.match(text):
        raise ValueError(
            "must be such as postgresql://user:password@host:5432/name, or a connection string such as host=localhost dbname=shop"
        )
    return secret


def _host(text: str) -> str:
    try:
        fits = bool(HOST.fullmatch(text) or IPv6Address(text))
    except ValueError:
        fits = False
    if not fits:
        raise ValueError("must be the name or the address of a server, without a port")
    return text


def _mailbox(text: str) -> str:
    _, address = parseaddr(text)
    alone = text == address or text.endswith(f"<{address}>")
    if not (alone and ADDRESS.fullmatch(address) and text.isprintable()):
        raise ValueError("must be one address in ASCII, as orders@shop.example or EC Shop <orders@shop.example>")
    return text


def _user(text: str) -> str:
    if not (text.isascii() and text.isprintable()):
        raise ValueError("must be printable ASCII, as every mail server takes it")
    return text


def _password(secret: SecretStr) -> SecretStr:
    _user(secret.get_secret_value())
    return secret


DatabaseUrl = Annotated[SecretStr, AfterValidator(_database_url)]
"""Where a PostgreSQL is and how it is logged in to."""

TableName = Annotated[str, AfterValidator(_table_name)]
"""A table of DynamoDB."""

StreamName = Annotated[str, AfterValidator(_stream_name)]
"""A stream of Kinesis."""

TopicName = Annotated[str, AfterValidator(_topic_name)]
"""A topic of Kafka."""

Servers = Annotated[str, AfterValidator(_servers)]
"""Where brokers of a cluster are asked first, each host:port; empty is none."""

FunctionName = Annotated[str, AfterValidator(_function_name)]
"""A function of Lambda, or how its name begins."""

Port = Annotated[int, Field(ge=0, le=65535)]
"""A port to listen on; 0 is a free one."""

Endpoint = Annotated[str, AfterValidator(_endpoint)]
"""Where a service is asked; empty is the vendor's own."""

Origin = Annotated[str, AfterValidator(_origin)]
"""Pages of one scheme, host and port."""

Token = Annotated[SecretStr, AfterValidator(_token)]
"""A secret that travels as `Authorization: Bearer <token>`."""

Key = Annotated[SecretStr, AfterValidator(_key)]
"""A secret that signs."""

Host = Annotated[str, AfterValidator(_host)]
"""A server's name or address; empty is none."""

Mailbox = Annotated[str, AfterValidator(_mailbox)]
"""An address that mails come from, with or without a name."""

User = Annotated[str, AfterValidator(_user)]
"""Who logs in to a mail server; empty is nobody."""

Password = Annotated[SecretStr, AfterValidator(_password)]
"""A secret that logs in to a mail server."""
