"""A small HTTP server that is neither a shop nor DynamoDB."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

UNKNOWN_KEY = (
    b'{"__type": "com.amazon.coral.service#UnrecognizedClientException", "message": "The security token is invalid."}'
)
"""What AWS answers, with status 400, to a key that it does not know."""


@contextmanager
def stranger(status: int, body: bytes) -> Iterator[str]:
    """Answer every request so while inside; give the address."""

    class Stranger(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_POST(self) -> None:
            self.do_GET()

        def log_message(self, *_args: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Stranger) as server:
        thread = Thread(target=server.serve_forever, args=(0.01,))  # seconds until it sees that it is to stop
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
