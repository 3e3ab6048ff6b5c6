"""Events published into a topic of Kafka, and read from it."""

from adapters.kafka.cluster import Cluster
from adapters.kafka.event_feed import KafkaEventFeed
from adapters.kafka.event_publisher import KafkaEventPublisher
from adapters.kafka.problems import KafkaProblem as BrokerProblem
from adapters.kafka.topics import check_topic, create_topic, is_there
from config.settings import Settings
from core.ports.environment import Environment
from core.ports.events import Codec

__all__ = ["BrokerProblem", "answers", "look", "make_topic", "open_feed", "open_publisher"]


def open_publisher(
    settings: Settings, codec: Codec, environment: Environment, *, keyed: bool = True
) -> KafkaEventPublisher:
    """Open the way into the topic that the settings name; not `keyed`, the partition of an event is the least loaded one.

    Raises:
        BrokerProblem: one sentence naming the setting: no broker, no such topic.
    """
    check_topic(_cluster(settings))
    return KafkaEventPublisher(_cluster(settings), codec, environment, keyed=keyed)


def open_feed(settings: Settings, projector: str, codec: Codec, environment: Environment) -> KafkaEventFeed:
    """Open a projector's view of the topic; it takes part in the reading from its first poll on.

    Raises:
        BrokerProblem: one sentence naming the setting: no broker, no such topic.
    """
    check_topic(_cluster(settings))
    return KafkaEventFeed(_cluster(settings), projector, codec, environment)


def look(settings: Settings) -> None:
    """Look whether events can be published into the topic, and read from it.

    Raises:
        BrokerProblem: one sentence naming the setting: no broker, no such topic.
    """
    check_topic(_cluster(settings))


def make_topic(settings: Settings) -> bool:
    """Make the topic where it is missing; tell whether it was.

    Raises:
        BrokerProblem: one sentence naming the setting: no broker, a topic of another number of partitions.
    """
    return create_topic(_cluster(settings), settings.kafka_partitions)


def _cluster(settings: Settings) -> Cluster:
    if not settings.kafka_bootstrap_servers:
        raise BrokerProblem("KAFKA_BOOTSTRAP_SERVERS must be set where no broker is started for this process.")
    return Cluster(settings.kafka_bootstrap_servers, settings.kafka_topic)


def answers(servers: str) -> bool:
    """Tell whether a Kafka is there, ready to be worked with."""
    return is_there(Cluster(servers, ""))
