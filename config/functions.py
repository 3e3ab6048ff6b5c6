"""The Lambda functions of the shop: how they are, and having them on an emulator."""

import platform
import sys
from pathlib import Path

from pydantic import SecretStr

from adapters.aws.client import AWSProblem as StoreProblem
from adapters.awslambda.client import lambda_client
from adapters.awslambda.deploying import Deployment, cut_off, deploy
from adapters.awslambda.functions import Function, functions_of
from config.settings import Settings

__all__ = ["CONSUMERS", "Function", "StoreProblem", "cut_off_consumers", "deploy_consumers", "functions", "zip_name"]

CONSUMERS = ("projector", "notifier")
"""The functions that the stream feeds."""

GIVEN = (
    *(
        "store",
        "database_url",
        "log_level",
        "dynamodb_region",
        "dynamodb_endpoint",
        "kinesis_endpoint",
        "kinesis_stream_name",
    ),
    *("dynamodb_table_name", "dynamodb_snapshot_table_name", "dynamodb_claims_table_name"),
    *("smtp_host", "smtp_port", "smtp_from", "smtp_tls"),
)
"""The settings that a function is told. All of them: an emulator hands its own environment on to functions."""

UPLOADED_IN = 60.0
"""Seconds; an emulator unpacks 30 MB before it answers."""


def functions(settings: Settings) -> list[Function]:
    """List the functions whose names begin with LAMBDA_NAME_PREFIX.

    Raises:
        StoreProblem: one sentence naming the setting.
    """
    if settings.dynamodb_endpoint and not settings.lambda_endpoint:
        raise StoreProblem("Lambda is not asked: DYNAMODB_ENDPOINT is not AWS, and LAMBDA_ENDPOINT is not set.")
    return functions_of(lambda_client(settings.dynamodb_region, settings.lambda_endpoint), settings.lambda_name_prefix)


def zip_name(function: str) -> str:
    """Give the name by which `infra/lambdas/build.py` knows the zip that runs on this machine."""
    return f"{function}-{'arm64' if platform.machine() in {'arm64', 'aarch64'} else 'x86_64'}"


def deploy_consumers(settings: Settings, zips: Path) -> None:
    """Put the consumers onto the emulator at LAMBDA_ENDPOINT, from the zips in this folder, and have the stream feed them.

    Raises:
        StoreProblem: one sentence naming the setting.
    """
    from config.aws_standing import stream

    client = lambda_client(settings.dynamodb_region, settings.lambda_endpoint, read_seconds=UPLOADED_IN)
    arn = stream(settings).arn
    for name in CONSUMERS:
        archive = (zips / f"{zip_name(name)}.zip").read_bytes()
        function = Deployment(
            settings.lambda_name_prefix + name,
            archive,
            f"entrypoints.lambdas.{name}.handler",
            # Emulators run functions with the Python that they run on themselves.
            f"python{sys.version_info.major}.{sys.version_info.minor}",
            zip_name(name).partition("-")[2],
            _variables(settings),
        )
        deploy(client, function, arn)


def _variables(settings: Settings) -> dict[str, str]:
    told = {name.upper(): getattr(settings, name) for name in GIVEN}
    return {
        name: value.get_secret_value() if isinstance(value, SecretStr) else str(value) for name, value in told.items()
    }


def cut_off_consumers(settings: Settings) -> None:
    """Have the stream feed no function of the shop on the emulator any more.

    Raises:
        StoreProblem: one sentence naming the setting.
    """
    cut_off(lambda_client(settings.dynamodb_region, settings.lambda_endpoint), settings.lambda_name_prefix)
