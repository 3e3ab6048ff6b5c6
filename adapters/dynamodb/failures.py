"""What a failed request says of DynamoDB's own."""

from botocore.exceptions import BotoCoreError, ClientError

from adapters.aws.failures import code, said

# The token stands for a transaction that was cancelled, or for another request.
TOKEN_SPENT = frozenset({"IdempotentParameterMismatchException", "TransactionCanceledException"})


def spends_its_token(error: BotoCoreError | ClientError) -> bool:
    """Tell whether a repeat of a request that was not done needs a new token."""
    return code(error) in TOKEN_SPENT


def sentence(error: BotoCoreError | ClientError) -> str:
    """Say what went wrong."""
    return f"DynamoDB: {said(error)}"
