"""Whether the parts that the settings pick can be used, and why not: for who looks after a shop."""

from collections.abc import Callable, Iterator
from typing import Any, Final, Literal, NamedTuple

from config.delivery import feed_name
from config.mail import greet
from config.read_side import StoreProblem
from config.settings import SECRETS, Settings
from config.shop import Shop
from core.delivery.projector import AWAY
from core.ports.mailer import MailerUnavailable
from core.ports.projection_store import ProjectionStore

Status = Literal["ok", "wrong", "note"]
OK: Final = "ok"
WRONG: Final = "wrong"
NOTE: Final = "note"


class Finding(NamedTuple):
    """What was found of a part: it works, it does not and the settings pick it, or something is worth knowing."""

    part: str
    status: Status
    said: str


def settings_in_force(settings: Settings) -> dict[str, str]:
    """Give each setting by its variable, secrets hidden."""
    names = {name: name.upper() for name in Settings.model_fields}
    return {variable: _shown(variable, getattr(settings, name)) for name, variable in names.items()}


def _shown(variable: str, value: object) -> str:
    if value is None:
        return ""
    if variable in SECRETS:
        return "(hidden)"
    return ",".join(value) if isinstance(value, tuple) else str(value)


def stores(shop: Shop, broker_trouble: str = "") -> Iterator[Finding]:
    """Look at what STORE picks; a database is named by DATABASE_URL. `broker_trouble` is why there is no Kafka, where that is known."""
    settings: Settings = shop.settings()
    if settings.store == "memory":
        yield Finding("stores", OK, "STORE=memory: the adapters in memory; all they keep ends with the process")
        return
    from adapters.postgres.connections import PostgresProblem
    from adapters.postgres.migrating import check
    from adapters.postgres.server import look

    if settings.store == "dynamodb":
        yield Finding("stores", OK, "STORE=dynamodb: events in DynamoDB, rows in PostgreSQL")
    else:
        yield Finding("stores", OK, "STORE=postgres: the adapters of PostgreSQL, all on one database")
    url = settings.database_url.get_secret_value() if settings.database_url else ""
    try:
        server = look(url)
        yield Finding("PostgreSQL", OK, f"version {server.version} serves {server.where} to {server.user}")
        yield _permitted(server)
    except PostgresProblem as problem:
        yield Finding("PostgreSQL", WRONG, str(problem))
        return
    try:
        check(url)
    except PostgresProblem as problem:
        yield Finding("migrations", WRONG, str(problem))
        return
    yield Finding("migrations", OK, "the tables are as this version wants them")
    through = f", through {settings.carried_by}" if settings.carried_by else ": the store feeds its readers"
    yield Finding("delivery", OK, f"DELIVERY={settings.delivery}{through}; projectors follow {feed_name(settings)!r}")
    if settings.store == "dynamodb" and settings.carried_by != "kafka":
        from config.diagnosis_aws import projectors

        yield from projectors(settings, shop.environment())
        return
    if settings.carried_by == "kafka":
        broker = _kafka(settings, broker_trouble)
        yield broker
        if broker.status == WRONG:
            return
    yield from _followers(shop)


def _followers(shop: Shop) -> Iterator[Finding]:
    settings: Settings = shop.settings()
    try:
        backends = shop.backends()
    except StoreProblem as problem:
        yield Finding("delivery", WRONG, str(problem))
        return
    try:
        for role in (shop.read_models, shop.notifier):
            feed = role.feed()
            yield projector(settings, role.name(), role.projections(), feed.lag_seconds, feed.hindrance)
    except StoreProblem as problem:  # of what carries the events
        yield Finding("delivery", WRONG, str(problem))
    finally:
        backends.close()


def _kafka(settings: Settings, trouble: str) -> Finding:
    if not trouble:
        from config.kafka import BrokerProblem, look

        try:
            look(settings)
        except BrokerProblem as problem:
            trouble = str(problem)
    there = f"{settings.kafka_bootstrap_servers} has the topic {settings.kafka_topic!r}"
    return Finding("Kafka", WRONG, trouble) if trouble else Finding("Kafka", OK, there)


def _permitted(server: Any) -> Finding:  # noqa: ANN401 - its type is the adapter's, which only who asks it loads
    if server.read_only:
        return Finding("permissions", WRONG, "the database is read-only: name the primary in DATABASE_URL")
    if not server.may_create_schemas:
        return Finding(
            "permissions",
            WRONG,
            f"{server.user} may not create schemas, which migrate and rebuild do: GRANT CREATE ON DATABASE ... TO {server.user}",
        )
    return Finding("permissions", OK, f"{server.user} may create schemas")


def projector(
    settings: Settings,
    name: str,
    projections: ProjectionStore,
    lag_seconds: Callable[[], float],
    hindrance: Callable[[], str],
) -> Finding:
    """Say how a projector is; `lag_seconds` tells the age of the oldest event that it has not dealt with."""
    try:
        generations = projections.generations()
        lag, parked = lag_seconds(), len(projections.parked_streams())
        why = hindrance()
    except AWAY as error:
        return Finding(name, WRONG, str(error))
    known = ", ".join(f"generation {each.number} {each.status}" for each in generations)
    if not any(each.status == "live" for each in generations):
        return Finding(name, WRONG, "no generation is live: run `ecshop migrate`")
    if lag > settings.ready_max_lag:
        worker = {"read-models": "project", "notifier": "notify"}[name]
        why = why or f"run `ecshop serve` or `ecshop worker {worker}`, or look at its log"
        return Finding(name, NOTE, f"{known}; {lag:,.0f} s behind: {why}")
    if parked:
        return Finding(
            name, NOTE, f"{known}; {parked} streams parked: see `ecshop dead-letters list --projector {name}`"
        )
    return Finding(name, OK, f"{known}; {lag:.1f} s behind, nothing parked")


def mails(settings: Settings) -> Finding:
    """Look whether the mail server answers."""
    if not settings.smtp_host:
        return Finding("mails", OK, "kept in the process and sent to nobody, as SMTP_HOST is not set")
    try:
        greet(settings)
    except MailerUnavailable as error:
        return Finding("mails", WRONG, f"{error}: look at SMTP_HOST, SMTP_PORT, SMTP_TLS and the log-in")
    return Finding("mails", OK, f"{settings.smtp_host}:{settings.smtp_port} takes them ({settings.smtp_tls})")
