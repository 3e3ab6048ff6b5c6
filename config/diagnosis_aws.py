"""Whether what the shop uses on AWS can be used, and why not."""

import os
from collections.abc import Iterator
from functools import partial

from config.diagnosis import NOTE, OK, WRONG, Finding, projector
from config.read_side import StoreProblem, open_read_side
from config.settings import Settings
from core.ports.environment import Environment
from core.ports.event_feed import FeedUnavailable

PARTS = {"tables": "tables", "stream": "Kinesis", "destination": "destination"}
"""What `ecshop status` looks at too, by the names that they have here."""


def aws(settings: Settings) -> Iterator[Finding]:
    """Look at the tables, where anything says which DynamoDB is meant; where STORE picks them, at the stream and what fills it too."""
    picked = settings.store == "dynamodb"
    named = settings.dynamodb_endpoint or os.environ.get("AWS_PROFILE") or os.environ.get("AWS_ACCESS_KEY_ID")
    if not picked and not named:
        yield Finding("DynamoDB", NOTE, "not asked: neither DYNAMODB_ENDPOINT nor AWS credentials are set")
        return
    from config.dynamodb import StoreProblem as AWSProblem
    from config.dynamodb import open_event_store

    try:
        open_event_store(settings)
        yield Finding("DynamoDB", OK, "its three tables are there")
    except AWSProblem as problem:
        yield Finding("DynamoDB", WRONG if picked else NOTE, str(problem))
    if picked:
        yield from _feed(settings)


def _feed(settings: Settings) -> Iterator[Finding]:
    from config.section import looked_at
    from config.status_aws import PROBLEMS, looks

    for part, status, said, rows in looked_at([look for look in looks(settings) if look.part in PARTS], PROBLEMS):
        seen = (", ".join(f"{name} {value}" for name, value in row.items() if value) for row in rows)
        yield Finding(PARTS[part], status, said or "; ".join(seen))


def projectors(settings: Settings, environment: Environment) -> Iterator[Finding]:
    """Look at the projectors without a feed of our own, which would take part in the reading."""
    try:
        read_side = open_read_side(settings, environment)
    except StoreProblem as problem:
        yield Finding("projectors", WRONG, str(problem))
        return
    try:
        for name, projections in read_side.projections.items():
            yield projector(settings, name, projections, partial(_lag_seconds, settings, name), str)
    finally:
        read_side.pool.close()


def _lag_seconds(settings: Settings, name: str) -> float:
    from config.aws_standing import shards_as_read
    from config.dynamodb import StoreProblem as AWSProblem

    if settings.workers == "lambda":  # Lambda keeps to itself how far its functions are
        return 0.0
    try:
        return max((each.behind_seconds for each in shards_as_read(settings, name)), default=0.0)
    except AWSProblem as problem:
        raise FeedUnavailable(str(problem)) from None
