"""A small server that answers as S3 does, headers too: a list of one bucket's objects, page by page, and each object."""

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs, quote_plus, unquote, urlsplit

BUCKET = "a-bucket"

# What S3 sends with every answer. No other service calls the id of a request so.
HEADERS = {
    "x-amz-id-2": "Xn3Yb9iY0rZL4Nn2q0Jc8Qm1sT5uV6wX7yZ8aB9cD0eF1gH2iJ3kL4mN5oP6qR7s",
    "x-amz-request-id": "4442587FB7D0A2F9",
    "Server": "AmazonS3",
}

Fault = Callable[["Exchange"], None]
"""What is done with a request."""


class Exchange(BaseHTTPRequestHandler):
    """One request."""

    protocol_version = "HTTP/1.1"
    s3: "S3Server"

    def do_GET(self) -> None:
        """Do what is ordered for it."""
        self.address = urlsplit(self.path)
        self.key = unquote(self.address.path).removeprefix(f"/{BUCKET}").removeprefix("/")
        self.s3.asked.append(self.key or "the list")
        (self.s3.faults.popleft() if self.s3.faults else answer)(self)

    def send(self, body: bytes, kind: str = "application/xml", status: int = 200, missing: int = 0) -> None:
        """Send it, but for the last `missing` bytes, after which the connection is cut."""
        self.send_response_only(status)
        for name, value in (HEADERS | {"Content-Type": kind, "Content-Length": str(len(body))}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body[: len(body) - missing])
        self.close_connection = bool(missing)

    def log_message(self, *_args: object) -> None:
        """Say nothing."""


class S3Server:
    """What the server has, what it was asked for, and what it does with the next requests; it answers the others."""

    def __init__(self, objects: Mapping[str, bytes], page_size: int) -> None:
        """Have these objects, and no faults."""
        self.objects = objects
        self._page_size = page_size
        self.asked: list[str] = []
        self.faults: deque[Fault] = deque()
        self.endpoint = ""

    def page(self, prefix: str, first: int) -> bytes:
        """Give a page of the list, in the words of ListObjectsV2, its keys encoded as boto3 asks for."""
        keys = sorted(key for key in self.objects if key.startswith(prefix))
        after = first + self._page_size
        more = f"<NextContinuationToken>{after}</NextContinuationToken>" if after < len(keys) else ""
        contents = "".join(f"<Contents><Key>{quote_plus(key, safe='/')}</Key></Contents>" for key in keys[first:after])
        return (
            '<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
            f"<Name>{BUCKET}</Name><EncodingType>url</EncodingType>"
            f"<IsTruncated>{'true' if more else 'false'}</IsTruncated>{more}{contents}</ListBucketResult>"
        ).encode()


def answer(exchange: Exchange) -> None:
    """Give the object, or the page of the list."""
    if exchange.key:
        exchange.send(exchange.s3.objects[exchange.key], "application/octet-stream")
    else:
        asked = parse_qs(exchange.address.query)
        exchange.send(exchange.s3.page(asked["prefix"][0], int(asked.get("continuation-token", ["0"])[0])))


def refuse(status: HTTPStatus, code: str) -> Fault:
    """Answer with an error of S3's."""
    body = f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{code}</Code><Message>says the test</Message></Error>'
    return lambda exchange: exchange.send(body.encode(), status=status)


def cut_short(exchange: Exchange) -> None:
    """Send half an object."""
    exchange.send(b"x" * 1000, missing=500)


@contextmanager
def s3_server(objects: Mapping[str, bytes], page_size: int = 1000) -> Iterator[S3Server]:
    """Serve these objects of `BUCKET` while inside."""
    s3 = S3Server(objects, page_size)
    handler = type("Handler", (Exchange,), {"s3": s3})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        s3.endpoint = f"http://127.0.0.1:{server.server_port}"
        thread = Thread(target=server.serve_forever, args=(0.01,))  # seconds until it sees that it is to stop
        thread.start()
        try:
            yield s3
        finally:
            server.shutdown()
            thread.join()
