"""moto's DynamoDB behind a socket, in a thread of this process.

moto has a server of its own, but it wants Flask and ten more packages to find out which of 200 services is meant. Here it is always
DynamoDB, and Werkzeug, which moto installs anyway, is enough.
"""

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from moto.core.request import Request
from moto.dynamodb.responses import DynamoHandler
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Response

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment


class _ServerRequest(Request):
    from_wsgi_server = True  # Werkzeug answers, and adds the Date itself


class _KeepAlive(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Keep quiet."""


def _dynamodb(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
    request = _ServerRequest(environ)
    status, headers, body = DynamoHandler.dispatch(request, request.raw_url, request.headers)
    headers.pop("status", None)
    return Response(body, status=status, headers=headers)(environ, start_response)


@contextmanager
def moto_server() -> Iterator[str]:
    """Serve moto's DynamoDB while inside; give its endpoint. All such servers of a process share their tables."""
    server = make_server("127.0.0.1", 0, _dynamodb, threaded=True, request_handler=_KeepAlive)
    thread = threading.Thread(target=server.serve_forever, name="moto", daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
