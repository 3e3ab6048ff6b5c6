"""A projector on Kinesis in a process of its own that kills itself before a checkpoint: rows are saved, and nobody knows yet.

Usage: python -m tests.support.kinesis_projector ENDPOINT NAMES DATABASE CHECKPOINT. NAMES is JSON: `tables` and `names` of the harness;
CHECKPOINT counts from 1.
"""

import json
import os
import signal
import sys
from dataclasses import replace

from adapters.dynamodb.event_store import DynamoDBEventStore
from adapters.dynamodb.layout import Tables
from adapters.kinesis.event_feed import KinesisEventFeed
from adapters.kinesis.names import Names
from adapters.kinesis.sharing import LEASE_SECONDS
from adapters.postgres.connections import open_pool
from adapters.postgres.projection import PostgresProjectionStore
from adapters.serialization.codec import JsonCodec
from adapters.system.environment import system_environment
from core.delivery.consumer import Consumer
from core.delivery.projector import Projector
from core.ports.environment import Environment
from core.projections.rows import FOLDS, RowFold
from tests.contract.dynamodb_harness import client_of
from tests.contract.kinesis_harness import PROJECTOR, kinesis_of

LEASE_IN_THE_TEST = 1.0
"""Seconds that a lease lasts for a process whose clock runs as fast as it needs for that."""


def dying_at(checkpoint: int) -> Environment:
    """Give an environment whose clock is fast, and which ends the process before its n-th checkpoint."""
    system = system_environment()
    passed = 0

    def failpoint(name: str) -> None:
        nonlocal passed
        passed += name == "consumer.before_checkpoint"
        if passed == checkpoint:
            os.kill(os.getpid(), signal.SIGKILL)

    speed = LEASE_SECONDS / LEASE_IN_THE_TEST
    return replace(system, failpoint=failpoint, monotonic=lambda: system.monotonic() * speed)


def main(endpoint: str, given: str, database: str, checkpoint: int) -> None:
    """Project until the end."""
    environment = dying_at(checkpoint)
    tables, names = (json.loads(given)[each] for each in ("tables", "names"))
    dynamodb = client_of(endpoint)
    store = DynamoDBEventStore(dynamodb, Tables(**tables), JsonCodec(), environment, 60.0)
    feed = KinesisEventFeed(
        kinesis_of(endpoint), dynamodb, Names(**names), PROJECTOR, JsonCodec(), environment, environment.new_id()
    )
    projections = PostgresProjectionStore(open_pool(database, "a test"), environment)
    consumer = Consumer(store, projections, {FOLDS: RowFold(JsonCodec())}, environment)
    Projector(feed, consumer, environment, batch=7).run(lambda: False)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]))
