"""What a failed request means to who runs the shop, in words that name the setting."""

from collections.abc import Callable
from typing import Protocol, TypeVar

from botocore.client import ClientMeta
from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError, PartialCredentialsError

from adapters.aws.client import AWSProblem
from adapters.aws.failures import CUT, FAILURES, NEVER_LEFT, code, said
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
    return AWSProblem(f"{who} refuses, look at {settings[0]} and {settings[1]}: {service.name}: {said(error)}.")


def explained(service: Service, client: Client, request: Callable[[], T]) -> T:
    """Give the answer of a request.

    Raises:
        AWSProblem: it failed; the sentence says what to do about it.
    """
    try:
        return request()
    except FAILURES as error:
        raise problem(service, client, error) from error
