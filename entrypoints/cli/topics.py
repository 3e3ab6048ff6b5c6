"""`ecshop topics create`, and the broker that a command starts where none is named."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from config.settings import Settings
from entrypoints.cli.extras import extra
from entrypoints.cli.refusal import Refused


@contextmanager
def broker_of(settings: Settings) -> Iterator[Settings]:
    """Give settings that name a broker: theirs, or an embedded Kafka which runs while inside.

    Raises:
        Refused: it cannot run.
    """
    if settings.kafka_bootstrap_servers:
        yield settings
        return
    with extra("kafka"):
        from entrypoints.stack.embedded_kafka import EmbeddedKafkaProblem, embedded_kafka
    try:
        with embedded_kafka(Path(settings.data_dir).absolute() / "kafka") as servers:
            yield settings.model_copy(update={"kafka_bootstrap_servers": servers})
    except EmbeddedKafkaProblem as problem:
        raise Refused(str(problem)) from None


def create_topic(settings: Settings, *, as_json: bool) -> None:
    """Make the topic, and tell whether it is new.

    Raises:
        Refused: no broker answers; the topic has another number of partitions.
    """
    with extra("kafka"):
        from config.kafka import BrokerProblem, make_topic
    try:
        with broker_of(settings) as named:
            created = make_topic(named)
    except BrokerProblem as problem:
        raise Refused(str(problem)) from None
    made = {"name": settings.kafka_topic, "partitions": settings.kafka_partitions, "created": created}
    if as_json:
        click.echo(json.dumps([made], indent=2))
        return
    click.echo(
        f"{settings.kafka_topic}: {'created' if created else 'was there already'}, with {settings.kafka_partitions} partitions"
    )
