"""The boto3 client of a service, made from explicit arguments."""

from http import HTTPStatus
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError

from adapters.aws.services import Service


class AWSProblem(Exception):
    """What keeps the shop from using a service of AWS, as one sentence that names the setting to look at."""


def aws_client(
    service: Service,
    region: str,
    endpoint: str | None,
    credentials: tuple[str, str] | None,
    connect_seconds: float,
    read_seconds: float,
) -> Any:  # noqa: ANN401 - boto3 makes the class of each service at run time
    """Make a client that sends each request once; any number of threads may share it.

    `endpoint` empty or None is AWS itself. `credentials` are an access key and its secret; None looks where every AWS tool looks.

    Raises:
        AWSProblem: region or endpoint cannot be meant, or the credentials that were found cannot be used.
    """
    key, secret = credentials or (None, None)
    # The default session is made once, which is dear, and looks at no credentials when it is given some.
    make: Any = boto3.client if credentials else _session_with_credentials().client
    config = Config(  # type: ignore[call-arg]  # boto3-stubs lack the last of these
        # The adapter repeats requests itself: only it can tell a repeat of one decision from a new one.
        retries={"total_max_attempts": 1, "mode": "standard"},
        connect_timeout=connect_seconds,
        read_timeout=read_seconds,
        max_pool_connections=64,
        tcp_keepalive=True,
        # The service checks what it is sent; checking an order of five lines here too would be a sixth of the work that it takes.
        parameter_validation=False,
        # Without an endpoint of ours it is AWS, whatever AWS_ENDPOINT_URL says.
        ignore_configured_endpoint_urls=True,
    )
    try:
        client = make(
            service.id,
            region_name=region,
            endpoint_url=endpoint or None,
            aws_access_key_id=key,
            aws_secret_access_key=secret,
            config=config,
        )
    except (ValueError, BotoCoreError) as error:
        named = f"{service.region_setting} ({region})"
        if endpoint:
            named = f"{service.endpoint_setting} ({endpoint}) or {named}"
        raise AWSProblem(f"No {service.name} client can be made, correct {named}: {error}.") from error

    def refuse_strangers(response_dict: dict[str, Any], **_event: object) -> None:
        """Fail on a page that something else at this address answers with; botocore would take it for an empty success."""
        if (
            response_dict["status_code"] < HTTPStatus.MULTIPLE_CHOICES
            and service.header not in response_dict["headers"]
        ):
            raise HTTPClientError(error=f"the answer is not from {service.name}")

    client.meta.events.register(f"before-parse.{service.id}", refuse_strangers)
    return client


def _session_with_credentials() -> boto3.Session:
    """Look for credentials before anything is asked: later, what is wrong with them would look like a wrong region or endpoint.

    That there are none is not told here but by the first request, which knows where they were missing.

    Raises:
        AWSProblem: what AWS's settings lead to cannot be used.
    """
    try:
        session = boto3.Session()
        credentials = session.get_credentials()
        found = credentials.get_frozen_credentials() if credentials else None
    except (BotoCoreError, ClientError, OSError, ValueError) as error:
        raise _unusable_credentials(str(error)) from error
    # They travel in headers, which carry no line end; a key that was read from a file often has one.
    if found and not all(map(_fits_a_header, (found.access_key, found.secret_key, found.token))):
        raise _unusable_credentials("they hold a line end, a space at an end or a character beyond ASCII")
    return session


def _fits_a_header(text: str | None) -> bool:
    return not text or (text.isascii() and text.isprintable() and text == text.strip())


def _unusable_credentials(reason: str) -> AWSProblem:
    return AWSProblem(
        "The AWS credentials cannot be used, correct AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY:"
        f" {' '.join(reason.split()).rstrip(' .:')}."
    )
