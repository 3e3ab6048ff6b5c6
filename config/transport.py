"""What carries published events, by the setting TRANSPORT: a topic in memory, a topic of Kafka, or a stream of Kinesis."""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache, partial
from typing import Protocol, TypeVar

from config.read_side import StoreProblem
from config.settings import Settings
from core.ports.environment import Environment
from core.ports.event_feed import EventFeed
from core.ports.event_publisher import EventPublisher
from core.ports.events import Codec


@dataclass(frozen=True, slots=True)
class Transport:
    """Both ends, each opened when it is first asked for; a feed by its projector's name. Opening raises StoreProblem."""

    publisher: Callable[[], EventPublisher]
    feed: Callable[[str], EventFeed]
    close: Callable[[], None]


def open_transport(settings: Settings, codec: Codec, environment: Environment) -> Transport:
    """Give what the settings name; nothing is connected yet."""
    open_it = {"memory": _memory, "kafka": _kafka, "kinesis": _kinesis}[settings.carried_by or "memory"]
    return open_it(settings, codec, environment)


def _memory(_settings: Settings, codec: Codec, environment: Environment) -> Transport:
    from adapters.inmemory import InMemoryBroker, InMemoryBrokerFeed, InMemoryEventPublisher

    broker = InMemoryBroker(codec)
    return Transport(
        lambda: InMemoryEventPublisher(broker, environment),
        lambda projector: InMemoryBrokerFeed(broker, projector, environment),
        lambda: None,
    )


def _kafka(settings: Settings, codec: Codec, environment: Environment) -> Transport:
    from config import kafka

    return _opened_when_asked_for(
        partial(kafka.open_publisher, settings, codec, environment),
        lambda projector: kafka.open_feed(settings, projector, codec, environment),
        kafka.BrokerProblem,
    )


def _kinesis(settings: Settings, codec: Codec, environment: Environment) -> Transport:
    from config import dynamodb

    return _opened_when_asked_for(
        partial(dynamodb.open_publisher, settings, codec, environment),
        lambda projector: dynamodb.open_feed(settings, projector, codec, environment),
        dynamodb.StoreProblem,
    )


class _Closable(Protocol):
    def close(self) -> None:
        """Give the connections back."""


class _Feed(EventFeed, _Closable, Protocol):
    """A feed that has connections."""


Opened = TypeVar("Opened", bound=_Closable)


def _opened_when_asked_for(
    open_publisher: Callable[[], EventPublisher], open_feed: Callable[[str], _Feed], problem: type[Exception]
) -> Transport:
    to_close = ExitStack()

    def kept(opening: Callable[[], Opened]) -> Opened:
        try:
            opened = opening()
        except problem as error:
            raise StoreProblem(str(error)) from None
        to_close.callback(opened.close)
        return opened

    return Transport(
        cache(lambda: kept(open_publisher)),
        cache(lambda projector: kept(partial(open_feed, projector))),
        to_close.close,
    )
