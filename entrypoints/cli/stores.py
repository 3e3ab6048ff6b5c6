"""The stores that the settings name, opened for a command."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from pydantic import SecretStr

from config.backends import StoreProblem
from config.database import migrate
from config.settings import Settings
from config.shop import Shop
from entrypoints.cli.extras import extra
from entrypoints.cli.refusal import Refused
from entrypoints.cli.topics import broker_of

IN_MEMORY = (
    "A shop in memory keeps all it has in its own process: set STORE=postgres (or dynamodb), and DATABASE_URL unless the embedded"
    " server is meant"
)


@contextmanager
def database_of(settings: Settings) -> Iterator[Settings]:
    """Give settings that name a database: theirs, or an embedded PostgreSQL which runs while inside and is brought up to date.

    Raises:
        Refused: it cannot run, or is not fit.
    """
    if settings.store == "memory" or settings.database_url is not None:
        yield settings
        return
    with extra("embedded"):
        from entrypoints.stack.embedded_postgres import EmbeddedPostgresProblem, embedded_postgres
    try:
        with embedded_postgres(Path(settings.data_dir).absolute() / "postgres") as url:
            named = settings.model_copy(update={"database_url": SecretStr(url)})
            with extra("postgres"):
                migrate(named, Shop(settings=named).environment())
            yield named
    except (EmbeddedPostgresProblem, StoreProblem) as problem:
        raise Refused(str(problem)) from None


@contextmanager
def topic_of(settings: Settings, *, needed: bool = True) -> Iterator[Settings]:
    """Give settings that name a Kafka where they want one: theirs, or an embedded one which runs while inside and has the topic.

    Where it is not `needed`, one that does not answer is named all the same, for who tells how it is.

    Raises:
        Refused: it cannot run.
    """
    if settings.carried_by != "kafka" or settings.kafka_bootstrap_servers:
        yield settings
        return
    with extra("kafka"):
        from config.kafka import BrokerProblem, make_topic
    with broker_of(settings) as named:
        try:
            make_topic(named)
        except BrokerProblem as problem:
            if needed:
                raise Refused(str(problem)) from None
        yield named


@contextmanager
def shop_of(settings: Settings, *, follows: bool = True) -> Iterator[Shop]:
    """Give a shop whose stores are open; closed behind it. One that `follows` no feed and publishes nothing needs no Kafka.

    Raises:
        Refused: one of them cannot be opened.
    """
    with database_of(settings) as with_database, ExitStack() as broker:
        named = broker.enter_context(topic_of(with_database)) if follows else with_database
        shop = Shop(settings=named)
        try:
            with extra("dynamodb" if settings.store == "dynamodb" else "postgres"):
                backends = shop.backends()
        except StoreProblem as problem:
            raise Refused(str(problem)) from None
        try:
            yield shop
        except StoreProblem as problem:  # of a feed, which is opened by who reads it
            raise Refused(str(problem)) from None
        finally:
            shop.mailer().close()
            backends.close()


@contextmanager
def durable_shop(settings: Settings, *, follows: bool = False) -> Iterator[Shop]:
    """Give a shop whose stores another process fills too; one that `follows` a feed, or publishes, has its Kafka.

    Raises:
        Refused: it is in memory, or cannot be opened.
    """
    if settings.store == "memory":
        raise Refused(IN_MEMORY)
    with shop_of(settings, follows=follows) as shop:
        yield shop
