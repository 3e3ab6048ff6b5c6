"""What a failed request means to who runs the shop, in words that name the setting."""

import time
from collections.abc import Callable
from typing import Protocol, TypeVar

from botocore.client import ClientMeta
from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError, PartialCredentialsError

from adapters.aws.client import AWSProblem
from adapters.aws.failures import CUT, FAILURES, NEVER_LEFT, Fate, code, fate, said
from adapters.aws.services import Service

T = TypeVar("T")

WRONG_CREDENTIALS = frozenset(
    {
        "AuthFailure",
        "ExpiredTokenException",
        "IncompleteSignature",
        "IncompleteSignatureException",
        "InvalidAccessKeyId",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "MissingAuthenticationToken",
        "MissingAuthenticationTokenException",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    }
)
"""Codes by which AWS says that it does not know who asks."""

NOT_ALLOWED = frozenset({"AccessDenied", "AccessDeniedException", "OptInRequired", "NotAuthorized"})
"""Codes by which AWS says that it knows who asks, and that they may not."""


PAUSES = (0.2, 0.5, 1.0)
"""Seconds between the tries of a request that the service does not do now. Nobody's command waits for it, but a start or a person."""


class Client(Protocol):
    """A client of any service."""

    @property
    def meta(self) -> ClientMeta:
        """Where it sends its requests to."""


def place(client: Client) -> str:
    """Say which service it is."""
    return f"in {client.meta.region_name} at {client.meta.endpoint_url}"


def problem(service: Service, client: Client, error: BotoCoreError | ClientError) -> AWSProblem:
    """Say what an error means to who runs the shop."""
    who, settings = f"{service.name} {place(client)}", (service.endpoint_setting, service.region_setting)
    if isinstance(error, NoCredentialsError | PartialCredentialsError) or code(error) in WRONG_CREDENTIALS:
        return AWSProblem(
            f"{who} does not accept the AWS credentials ({code(error)}): set AWS_ACCESS_KEY_ID and"
            " AWS_SECRET_ACCESS_KEY, or AWS_PROFILE."
        )
    if code(error) in NOT_ALLOWED:
        return AWSProblem(
            f"The AWS credentials may not do this {place(client)}, give them the right: {service.name}: {said(error)}."
        )
    if isinstance(error, NEVER_LEFT + CUT):
        return AWSProblem(
            f"{who} does not answer ({code(error)}): correct {settings[0]} (empty is AWS) or {settings[1]}, or start it."
        )
    if _is_not_now(error):
        return AWSProblem(
            f"{who} fails or is asked too often ({said(error)}): try again in a moment; if that does not help, look at {settings[0]} and"
            f" {settings[1]}."
        )
    return AWSProblem(f"{who} refuses, look at {settings[0]} and {settings[1]}: {service.name}: {said(error)}.")


def _is_not_now(error: BotoCoreError | ClientError) -> bool:
    """Tell whether the service answered that it does not do it now: throttled, or an error of its own."""
    return isinstance(error, ClientError) and fate(error) is not Fate.REFUSED


def explained(service: Service, client: Client, request: Callable[[], T]) -> T:
    """Give the answer of a request that may be done twice; one that the service does not do now is sent again, a few times.

    Raises:
        AWSProblem: it failed; the sentence says what to do about it.
    """
    for pause in PAUSES:
        try:
            return request()
        except FAILURES as error:
            if not _is_not_now(error):
                raise problem(service, client, error) from error
            time.sleep(pause)
    try:
        return request()
    except FAILURES as error:
        raise problem(service, client, error) from error
