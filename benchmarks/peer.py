"""The peer: the PyPI package `eventsourcing` with its default in-memory module, as its documentation teaches.

Its default application: JSON transcoder, uuid4 ids, no aggregate cache, no compression, no cipher. Of its two styles this is the
explicit one, which is the faster.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from importlib.metadata import version
from typing import ClassVar
from unittest.mock import patch
from uuid import UUID

from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, MutableOrImmutableAggregate

NAME = f"eventsourcing {version('eventsourcing')}"
ENVIRONMENT = {"PERSISTENCE_MODULE": "eventsourcing.popo"}
SNAPSHOT_EVERY = 50
BATCH = 50
"""Events of a save while a stream is filled."""
