"""Everything that can be set, by environment variables of the same names in capitals."""

from itertools import combinations
from typing import Annotated, Literal, Self

from pydantic import Field, ValidationError, model_validator
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from config import designs
from config.values import (
    DatabaseUrl,
    Endpoint,
    FunctionName,
    Host,
    Key,
    Mailbox,
    Origin,
    Password,
    Port,
    Servers,
    StreamName,
    TableName,
    Token,
    TopicName,
    User,
)

SECRETS = {"ADMIN_TOKEN", "DATABASE_URL", "SECRET_KEY", "SMTP_PASSWORD"}
"""What no sentence repeats."""


class WrongSetting(Exception):
    """A setting cannot be used; the text is a sentence that names its variable."""


class Settings(BaseSettings):
    """The shop's settings with their defaults."""

    model_config = SettingsConfigDict(env_ignore_empty=True, extra="ignore")

    environment: Literal["development", "production"] = "development"
    """In production nothing is generated and no default secret is taken."""

    host: Annotated[str, Field(min_length=1)] = "127.0.0.1"
    port: Port = 8080
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    admin_token: Token | None = None
    """Opens the admin rows; without it they are closed."""

    secret_key: Key | None = None
    """32 characters or more. Signs consistency tokens and `after` cursors; generated in development."""

    guests: bool = True
    """Whether carts and orders serve shoppers who have not logged in."""

    cors_allowed_origins: Annotated[tuple[Origin, ...], NoDecode] = ("http://localhost:3000", "http://localhost:8080")

    store: designs.Store = "memory"
    """Where everything is kept: in this process; in one PostgreSQL; events in DynamoDB and rows in PostgreSQL, with Kinesis between."""

    delivery: designs.Delivery = "cdc"
    """How committed events reach their readers: the store's own change feed; published by who commits; or marked, and relayed."""

    transport: designs.Transport | None = None
    """What carries published events; without it memory where STORE is memory, else kafka. None where DELIVERY is cdc."""

    database_url: DatabaseUrl | None = None
    """A PostgreSQL, as a URL or a connection string; without it an embedded one keeps its data in `data_dir`."""

    data_dir: Annotated[str, Field(min_length=1)] = ".ecshop"

    workers: designs.Workers = "inline"
    """Who projects, mails and reconciles: a served shop itself, processes of `ecshop worker`, or Lambda functions."""

    ready_max_lag: Annotated[float, Field(gt=0, le=86_400)] = 30.0
    """Seconds that a projector may be behind before the shop says that it is not ready."""

    commit_budget: Annotated[float, Field(gt=0, le=600)] = 2.0
    """Seconds that a command may go on losing races before it is answered with a conflict."""

    dynamodb_table_name: TableName = "events"
    dynamodb_snapshot_table_name: TableName = "snapshots"
    dynamodb_claims_table_name: TableName = "claims"
    dynamodb_leases_table_name: TableName = "leases"
    """Which worker reads which shard, and up to where."""

    dynamodb_region: str = "ap-northeast-1"
    dynamodb_endpoint: Endpoint = ""
    """Empty is AWS."""

    kinesis_stream_name: StreamName = "ec-events"
    published_stream_name: StreamName = "ec-published"
    """Where TRANSPORT is kinesis: the stream that is published into, beside the one that the table fills by itself."""

    kinesis_endpoint: Endpoint = ""
    """Empty is AWS."""

    kafka_bootstrap_servers: Servers = ""
    """Brokers of a Kafka, host:port with commas between; without it one that we start keeps its data in `data_dir`."""

    kafka_topic: TopicName = "ec-events"
    kafka_partitions: Annotated[int, Field(ge=1, le=10_000)] = 4
    """Of a topic that is made: as many processes of one worker can share it."""

    lambda_endpoint: Endpoint = ""
    """Empty is AWS."""

    lambda_name_prefix: FunctionName = "ecshop-"
    """What the names of the shop's functions begin with."""

    s3_endpoint: Endpoint = ""
    """Empty is AWS."""

    smtp_host: Host = ""
    """Empty keeps mails in memory, to be looked at."""

    smtp_port: Annotated[int, Field(ge=1, le=65535)] = 587
    smtp_from: Mailbox = "EC Shop <orders@shop.example>"
    smtp_tls: Literal["none", "starttls", "implicit"] = "starttls"
    smtp_timeout: Annotated[float, Field(gt=0, le=300)] = 10.0
    """Seconds that the mail server has for each of its answers, ten or so a mail."""

    smtp_user: User = ""
    smtp_password: Password | None = None

    notify_max_age: Annotated[int, Field(gt=0, le=30 * 86_400)] = 86_400
    """Seconds after an event in which its mail may still be sent."""

    notify_after_crash: Literal["resend", "skip"] = "resend"
    """What becomes of a mail whose sender crashed: it may or may not have been sent."""

    stack_aws_port: Port = 4566
    """Where `ecshop stack` plays AWS; 0 takes a free one, as for the two below."""

    stack_smtp_port: Port = 1025
    stack_mails_port: Port = 1080

    @model_validator(mode="before")
    @classmethod
    def _split_origins(cls, values: dict[str, object]) -> dict[str, object]:
        origins = values.get("cors_allowed_origins")
        if isinstance(origins, str):
            values["cors_allowed_origins"] = tuple(origin.strip() for origin in origins.split(",") if origin.strip())
        return values

    @model_validator(mode="after")
    def _production_has_its_key(self) -> Self:
        if self.environment == "production" and self.secret_key is None:
            raise ValueError("SECRET_KEY must be set in production")
        return self

    @model_validator(mode="after")
    def _somebody_works(self) -> Self:
        if self.workers != "inline" and self.store == "memory":
            raise ValueError(
                f"WORKERS must not be {self.workers} where STORE is memory: no other process can see what is there"
            )
        if self.workers == "lambda" and self.store != "dynamodb":
            raise ValueError("WORKERS must not be lambda unless STORE is dynamodb: functions read the Kinesis stream")
        return self

    @model_validator(mode="after")
    def _the_design_can_be(self) -> Self:
        if refused := designs.refusal(self.store, self.delivery, self.transport, self.workers):
            raise ValueError(refused)
        if self.published_stream_name == self.kinesis_stream_name:
            raise ValueError(
                f"PUBLISHED_STREAM_NAME and KINESIS_STREAM_NAME must name two streams, not both {self.kinesis_stream_name!r}"
            )
        return self

    @property
    def carried_by(self) -> designs.Transport | None:
        """What carries published events; None where the store feeds its readers by itself."""
        return designs.transport_of(self.store, self.delivery, self.transport)

    @model_validator(mode="after")
    def _mails_can_be_sent(self) -> Self:
        if self.smtp_host and "smtp_from" not in self.model_fields_set:
            raise ValueError("SMTP_FROM must be set where SMTP_HOST is")
        if bool(self.smtp_user) != bool(self.smtp_password):
            raise ValueError("SMTP_USER and SMTP_PASSWORD must be set together")
        if self.smtp_user and self.smtp_tls == "none":
            raise ValueError(
                "SMTP_TLS must not be none where SMTP_USER is set: a password does not travel in the clear"
            )
        return self

    @model_validator(mode="after")
    def _tables_are_four(self) -> Self:
        names = [name for name in type(self).model_fields if name.endswith("table_name")]
        for one, other in combinations(names, 2):
            if getattr(self, one) == getattr(self, other):
                raise ValueError(
                    f"{one.upper()} and {other.upper()} must name two tables, not both {getattr(self, one)!r}"
                )
        return self


def load_settings(**overrides: object) -> Settings:
    """Read the environment; what a command line gives comes first.

    Raises:
        WrongSetting: naming the variable and what is wrong with it.
    """
    try:
        return Settings(**{name: value for name, value in overrides.items() if value is not None})  # type: ignore[arg-type]
    except ValidationError as error:
        raise WrongSetting(_sentence(error.errors()[0])) from None


def _sentence(wrong: ErrorDetails) -> str:
    name = "_".join(str(part) for part in wrong["loc"][:1]).upper()
    message = wrong["msg"].removeprefix("Value error, ")
    if not name:
        return f"{message}."
    return f"{name}: {message}." if name in SECRETS else f"{name}: {message}, not {wrong['input']!r}."
