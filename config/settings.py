"""Everything that can be set, by environment variables of the same names in capitals."""

from typing import Annotated, Literal, Self

from pydantic import Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

SECRET_LENGTH = 32


class WrongSetting(Exception):
    """A setting cannot be used; the text is a sentence that names its variable."""


class Settings(BaseSettings):
    """The shop's settings with their defaults."""

    model_config = SettingsConfigDict(env_ignore_empty=True, extra="ignore")

    environment: Literal["development", "production"] = "development"
    """In production nothing is generated and no default secret is taken."""

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8080
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    admin_token: SecretStr | None = None
    """Opens the admin rows; without it they are closed."""

    secret_key: SecretStr | None = None
    """32 characters or more. Signs consistency tokens and `after` cursors; generated in development."""

    guests: bool = True
    """Whether carts and orders serve shoppers who have not logged in."""

    cors_allowed_origins: Annotated[tuple[str, ...], NoDecode] = ("http://localhost:3000", "http://localhost:8080")

    commit_budget: Annotated[float, Field(gt=0, le=600)] = 2.0
    """Seconds that a command may go on losing races before it is answered with a conflict."""

    dynamodb_table_name: str = "events"
    dynamodb_snapshot_table_name: str = "snapshots"
    dynamodb_claims_table_name: str = "claims"
    dynamodb_region: str = "ap-northeast-1"
    dynamodb_endpoint: str = ""
    """Empty is AWS."""

    @model_validator(mode="before")
    @classmethod
    def _split_origins(cls, values: dict[str, object]) -> dict[str, object]:
        origins = values.get("cors_allowed_origins")
        if isinstance(origins, str):
            values["cors_allowed_origins"] = tuple(origin.strip() for origin in origins.split(",") if origin.strip())
        return values

    @model_validator(mode="after")
    def _secrets_are_strong(self) -> Self:
        if self.secret_key and len(self.secret_key.get_secret_value()) < SECRET_LENGTH:
            raise ValueError(f"SECRET_KEY must have {SECRET_LENGTH} characters or more")
        if self.environment == "production" and self.secret_key is None:
            raise ValueError("SECRET_KEY must be set in production")
        return self


def load_settings(**overrides: object) -> Settings:
    """Read the environment; what a command line gives comes first.

    Raises:
        WrongSetting: naming the variable and what is wrong with it.
    """
    try:
        return Settings(**{name: value for name, value in overrides.items() if value is not None})  # type: ignore[arg-type]
    except ValidationError as error:
        first = error.errors()[0]
        name = "_".join(str(part) for part in first["loc"][:1]).upper()
        message = str(first["msg"]).removeprefix("Value error, ")
        raise WrongSetting(f"{name}: {message}, not {first['input']!r}." if name else f"{message}.") from None
