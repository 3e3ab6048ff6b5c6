"""The shop in one process: everything in memory, the projector in a thread of its own."""

import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from dependency_injector import containers, providers

from config.settings import Settings
from core.application.commands import Commands
from core.application.executor import Executor
from core.application.history import History
from core.application.kept import KeptStates
from core.application.repository import Repository
from core.delivery.consumer import Consumer
from core.delivery.projector import Projector
from core.projections.rows import FOLDS, RowFold


def _environment() -> Any:  # noqa: ANN401 - the container types what it gives
    from adapters.system.environment import system_environment

    return system_environment()


def _codec() -> Any:  # noqa: ANN401
    from adapters.serialization.codec import JsonCodec

    return JsonCodec()


def _background() -> Callable[[Callable[[], None]], object]:
    """Run tasks one after another behind the answers; what is left is done before the process ends."""
    return ThreadPoolExecutor(1, thread_name_prefix="later").submit


def _in_memory(name: str) -> Callable[..., Any]:
    def make(*args: object) -> Any:  # noqa: ANN401
        from adapters import inmemory

        return getattr(inmemory, name)(*args)

    return make


class Shop(containers.DeclarativeContainer):
    """What a process that serves the shop needs; each part is made once, when it is first asked for."""

    settings = providers.Dependency(instance_of=Settings)
    later = providers.Singleton(_background)

    environment = providers.Singleton(_environment)
    codec = providers.Singleton(_codec)
    event_store = providers.Singleton(_in_memory("InMemoryEventStore"), codec, environment)
    snapshots = providers.Singleton(_in_memory("InMemorySnapshotStore"))
    projections = providers.Singleton(_in_memory("InMemoryProjectionStore"), environment)
    queries = providers.Singleton(_in_memory("InMemoryQueries"), projections)
    feed = providers.Singleton(_in_memory("InMemoryEventFeed"), event_store, environment)

    repository = providers.Singleton(
        Repository,
        event_store,
        codec,
        environment,
        snapshots=snapshots,
        kept=providers.Singleton(KeptStates),
        later=later,
    )
    executor = providers.Singleton(
        Executor, event_store, repository, queries, codec, environment, settings.provided.commit_budget
    )
    commands = providers.Singleton(Commands, executor)
    history = providers.Singleton(History, event_store, codec)
    folds = providers.Dict({FOLDS: providers.Singleton(RowFold, codec)})
    consumer = providers.Singleton(Consumer, event_store, projections, folds, environment)
    projector = providers.Singleton(Projector, feed, consumer, environment)


def secret_key(settings: Settings) -> bytes:
    """Give the signing key; in development one is made up, so what it signs ends with the process."""
    return settings.secret_key.get_secret_value().encode() if settings.secret_key else secrets.token_bytes(32)
