"""The function that serves the HTTP API, behind a function URL or an API Gateway."""

from functools import cache
from typing import Any

from mangum import Mangum

from entrypoints.http.app import create_app
from entrypoints.http.logs import configure_logs
from entrypoints.lambdas.parts import shop_of_function


@cache
def _api() -> Mangum:
    shop = shop_of_function()
    configure_logs(shop.settings().log_level)
    # The app has nothing to start or to stop here: who projects, mails and reconciles are functions of their own.
    return Mangum(create_app(shop), lifespan="off")  # type: ignore[arg-type] # two names for the same three messages


def handler(event: Any, context: Any) -> dict[str, Any]:  # noqa: ANN401 - Mangum's own types
    """Answer one request.

    Raises:
        WrongSetting, StoreProblem: naming a variable of the function.
    """
    return _api()(event, context)
