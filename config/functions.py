"""The Lambda functions of the shop, for who looks after them."""

from adapters.aws.client import AWSProblem as StoreProblem
from adapters.awslambda.client import lambda_client
from adapters.awslambda.functions import Function, functions_of
from config.settings import Settings

__all__ = ["Function", "StoreProblem", "functions"]


def functions(settings: Settings) -> list[Function]:
    """List the functions whose names begin with LAMBDA_NAME_PREFIX.

    Raises:
        StoreProblem: one sentence naming the setting.
    """
    if settings.dynamodb_endpoint and not settings.lambda_endpoint:
        raise StoreProblem("Lambda is not asked: DYNAMODB_ENDPOINT is not AWS, and LAMBDA_ENDPOINT is not set.")
    return functions_of(lambda_client(settings.dynamodb_region, settings.lambda_endpoint), settings.lambda_name_prefix)
