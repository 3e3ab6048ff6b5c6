"""The shop in one process: the stores that STORE names, and the projectors in threads of their own."""

import secrets
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

from dependency_injector import containers, providers

from config.backends import open_backends
from config.mail import make_mailer, what_was_caught
from config.role import Role
from config.settings import Settings
from core.application.commands import Commands
from core.application.executor import Executor
from core.application.history import History
from core.application.kept import KeptStates
from core.application.post import Post
from core.application.repository import Repository
from core.delivery.notify import Sender
from core.delivery.order_messages import OrderMessages
from core.delivery.relay import Relay
from core.projections.mails import NOTIFIER, mails_of
from core.projections.rows import FOLDS, READ_MODELS, RowFold, no_row


def _environment() -> Any:  # noqa: ANN401 - the container types what it gives
    from adapters.system.environment import system_environment

    return system_environment()


def _codec() -> Any:  # noqa: ANN401
    from adapters.serialization.codec import JsonCodec

    return JsonCodec()


def _background() -> Callable[[Callable[[], None]], object]:
    """Run tasks one after another behind the answers; what is left is done before the process ends."""
    return ThreadPoolExecutor(1, thread_name_prefix="later").submit


def _published(settings: Settings, event_store: Any, relay: Callable[[], Relay]) -> Counter[str] | None:  # noqa: ANN401
    """Count what this process has published, where it publishes anything."""
    if settings.delivery == "dual-write":
        counts: Counter[str] = event_store.counts
        return counts
    return relay().counts if settings.delivery == "outbox" and settings.workers == "inline" else None


class Shop(containers.DeclarativeContainer):
    """What a process that serves the shop needs; each part is made once, when it is first asked for."""

    settings = providers.Dependency(instance_of=Settings)
    later = providers.Singleton(_background)

    environment = providers.Singleton(_environment)
    codec = providers.Singleton(_codec)
    backends = providers.Singleton(open_backends, settings, codec, environment)
    event_store = providers.Singleton(lambda backends: backends.event_store, backends)
    queries = providers.Singleton(lambda backends: backends.queries, backends)
    mail_queue = providers.Singleton(lambda backends: backends.mail_queue, backends)
    probes = providers.Singleton(lambda backends: backends.probes, backends)
    projections = providers.Singleton(lambda backends: backends.projections(READ_MODELS), backends)

    repository = providers.Singleton(
        Repository,
        event_store,
        codec,
        environment,
        snapshots=providers.Singleton(lambda backends: backends.snapshots, backends),
        kept=providers.Singleton(KeptStates),
        later=later,
    )
    executor = providers.Singleton(
        Executor, event_store, repository, queries, codec, environment, settings.provided.commit_budget
    )
    commands = providers.Singleton(Commands, executor)
    history = providers.Singleton(History, event_store, codec)

    outbox = providers.Singleton(lambda backends: backends.outbox, backends)
    relay = providers.Singleton(
        Relay, outbox, providers.Singleton(lambda backends: backends.publisher(), backends), environment
    )

    published = providers.Singleton(_published, settings, event_store, relay.provider)

    read_models = providers.Container(
        Role,
        name=READ_MODELS,
        environment=environment,
        event_store=event_store,
        projections=projections,
        feed=providers.Singleton(lambda backends: backends.feed(READ_MODELS), backends),
        folds=providers.Dict({FOLDS: providers.Singleton(RowFold, codec)}),
    )
    notifier = providers.Container(
        Role,
        name=NOTIFIER,
        environment=environment,
        event_store=event_store,
        projections=providers.Singleton(lambda backends: backends.projections(NOTIFIER), backends),
        feed=providers.Singleton(lambda backends: backends.feed(NOTIFIER), backends),
        folds=providers.Object({FOLDS: no_row}),
        mail_queue=mail_queue,
        mails_of=providers.Object(mails_of),
    )
    mailer = providers.Singleton(make_mailer, settings)
    post = providers.Singleton(Post, mail_queue, providers.Singleton(what_was_caught, mailer))
    sender = providers.Singleton(
        Sender,
        mail_queue,
        providers.Singleton(OrderMessages, event_store, codec),
        mailer,
        environment,
        max_age=providers.Factory(timedelta, seconds=settings.provided.notify_max_age),
        after_crash=settings.provided.notify_after_crash,
    )


def secret_key(settings: Settings) -> bytes:
    """Give the signing key; in development one is made up, so what it signs ends with the process."""
    return settings.secret_key.get_secret_value().encode() if settings.secret_key else secrets.token_bytes(32)
