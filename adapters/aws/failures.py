"""What a failed request says about itself: was it done, and may it be sent again?"""

from enum import Enum
from http import HTTPStatus

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    HTTPClientError,
    ProxyConnectionError,
    SSLError,
)

FAILURES = (BotoCoreError, ClientError)
"""Everything that a call of the client raises."""


class Fate(Enum):
    """What became of a request that did not succeed."""

    NOT_DONE = "it never left, or the service refused it for now"
    MAYBE_DONE = "it left, and no answer came that tells"
    REFUSED = "the service refused it, and would again"


# Nothing was connected, so nothing was sent.
NEVER_LEFT = (EndpointConnectionError, ConnectTimeoutError, ProxyConnectionError)

# Connected, and cut, late or garbled after that.
CUT = (HTTPClientError, SSLError)

# Refused for now. IdempotentParameterMismatch is about the token alone: under a new one the conditions tell what is stored.
NOT_NOW = frozenset(
    {
        "IdempotentParameterMismatchException",
        "LimitExceededException",
        "ProvisionedThroughputExceededException",
        "ReplicatedWriteConflictException",
        "RequestLimitExceeded",
        "Throttling",
        "ThrottlingException",
        "TransactionCanceledException",
        "TransactionConflictException",
    }
)

# A transaction with this token is still under way: it may end either way.
STILL_RUNNING = frozenset({"TransactionInProgressException"})

# For the whole transaction, although another of its reasons may be TransactionConflict.
REFUSED_REASONS = frozenset({"ValidationError", "ItemCollectionSizeLimitExceeded", "AccessDenied"})


def fate(error: BotoCoreError | ClientError) -> Fate:
    """Tell what became of the request. A failed condition is not asked about here: it is an answer, not a failure."""
    if isinstance(error, ClientError):
        return _fate_of_answer(error)
    if isinstance(error, NEVER_LEFT):
        return Fate.NOT_DONE
    # The rest: no credentials, a parameter of a wrong type.
    return Fate.MAYBE_DONE if isinstance(error, CUT) else Fate.REFUSED


def _fate_of_answer(error: ClientError) -> Fate:
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    # 5xx says nothing about the write, whatever the code beside it.
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or code(error) in STILL_RUNNING:
        return Fate.MAYBE_DONE
    if any(reason.get("Code") in REFUSED_REASONS for reason in error.response.get("CancellationReasons", [])):
        return Fate.REFUSED
    return Fate.NOT_DONE if code(error) in NOT_NOW or status == HTTPStatus.TOO_MANY_REQUESTS else Fate.REFUSED


def code(error: BotoCoreError | ClientError) -> str:
    """Give the service's name of the error, or botocore's where no service answered."""
    return error.response["Error"]["Code"] if isinstance(error, ClientError) else type(error).__name__


def said(error: BotoCoreError | ClientError) -> str:
    """Give the error's name and what came with it."""
    message = error.response["Error"].get("Message", "") if isinstance(error, ClientError) else str(error)
    return f"{code(error)}: {message}".rstrip(": ")
