"""Reading one shard, page by page."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from botocore.exceptions import ClientError

from adapters.aws.failures import code, said
from adapters.aws.services import KINESIS
from adapters.kinesis.asking import T, asked
from adapters.kinesis.leases import TRIM_HORIZON
from adapters.kinesis.progress import Progress, Waiting
from adapters.kinesis.records import decode
from core.ports.environment import Environment
from core.ports.event_feed import Doorbell, FeedUnavailable
from core.ports.events import Codec

if TYPE_CHECKING:
    from mypy_boto3_kinesis.client import KinesisClient

LOOK_AGAIN = 0.5
"""Seconds between two looks at a shard that had nothing new: it can be read five times a second, and its projectors share that."""

PAGE = 1000
"""Records asked for at once: what a shard takes in within a second."""

PAGES = 10
"""Pages read in one go where they are empty and the shard goes on: Kinesis walks through what it keeps in steps."""

FIRST_BACK_OFF, LONGEST_BACK_OFF = 0.2, 5.0
"""Seconds to leave a shard alone that was read too often: up to the first, doubled each time up to the longest (full jitter)."""

TOO_OFTEN = frozenset(
    {
        "KMSThrottlingException",
        "LimitExceededException",
        "ProvisionedThroughputExceededException",
        "ThrottlingException",
    }
)

# An iterator is good for five minutes.
EXPIRED = "ExpiredIteratorException"

# The shard, as all of it is past retention, or the whole stream.
MISSING = "ResourceNotFoundException"

# The checkpoint is no sequence number of this shard: the table tells of another stream that had the name.
FOREIGN = "InvalidArgumentException"

TOLD = TOO_OFTEN | {EXPIRED, MISSING, FOREIGN}


class Source(NamedTuple):
    """Where shards are read, and whose records they hold."""

    client: "KinesisClient"
    stream: str
    table: str
    codec: Codec
    environment: Environment


class ShardReader:
    """Reads a shard from behind a checkpoint on."""

    def __init__(self, source: Source, shard: str, checkpoint: str) -> None:
        """Read nothing yet."""
        self._source = source
        self._shard = shard
        self.progress = Progress(checkpoint)
        self._iterator: str | None = None
        self._rest_until = 0.0
        self.behind_seconds = 0.0
        self.refusals = 0
        self.is_missing = False
        self.has_ended = False

    @property
    def rest_seconds(self) -> float:
        """How long to leave the shard alone."""
        return max(self._rest_until - self._source.environment.monotonic(), 0.0)

    def read(self, *, at_once: bool) -> None:
        """Take in what the shard has next. `at_once`: look although there was nothing new a moment ago.

        Raises:
            FeedUnavailable: it was not reached; what was read before is still there.
        """
        if self.has_ended or (self.rest_seconds and (self.refusals or not at_once)):
            return
        for _ in range(PAGES):
            page = self._page()
            if page is None:
                return
            self._take_in(page["Records"])
            self._iterator = page.get("NextShardIterator")
            self.behind_seconds = page.get("MillisBehindLatest", 0) / 1000
            # Nothing else says that a shard is over: a page may be empty although more is to come.
            self.has_ended = not self._iterator
            if page["Records"] or not self.behind_seconds or self.has_ended:
                break
        self._rest(0.0 if self.behind_seconds else LOOK_AGAIN)

    def _take_in(self, records: list[dict[str, Any]]) -> None:
        for record in records:
            number = record["SequenceNumber"]
            # An iterator that was opened anew begins at the checkpoint, and what is behind it may be waiting here.
            if self.progress.is_new(number):
                carried = decode(record["Data"], self._source.table, self._source.codec, f"{self._shard}:{number}")
                self.progress.add(number, None)
                if carried:
                    event = carried.delivery.event if isinstance(carried.delivery, Doorbell) else None
                    since = event.created_at if event else carried.changed_at
                    self.progress.add(number, Waiting(carried.delivery, since or record["ApproximateArrivalTimestamp"]))

    def _page(self) -> dict[str, Any] | None:
        """Give the next page; None where there is none to be had now."""
        try:
            page = self._next_page()
        except _Refused as refusal:
            if refusal.code == FOREIGN:
                raise FeedUnavailable(str(refusal)) from refusal
            self.is_missing = refusal.code == MISSING
            self.refusals += 1
            longest = min(FIRST_BACK_OFF * 2 ** (self.refusals - 1), LONGEST_BACK_OFF)
            self._rest(self._source.environment.jitter(longest))
            return None
        self.is_missing, self.refusals = False, 0
        return page

    def _next_page(self) -> dict[str, Any]:
        try:
            return self._get_records(self._iterator or self._opened())
        except _Refused as refusal:
            if refusal.code != EXPIRED:
                raise
            return self._get_records(self._opened())

    def _opened(self) -> str:
        """Give an iterator that begins behind the checkpoint."""
        checkpoint = self.progress.checkpoint
        if checkpoint == TRIM_HORIZON:
            return self._get_iterator(ShardIteratorType="TRIM_HORIZON")
        try:
            return self._get_iterator(ShardIteratorType="AFTER_SEQUENCE_NUMBER", StartingSequenceNumber=checkpoint)
        except _Refused as refusal:
            if refusal.code != FOREIGN:
                raise
            self.progress = Progress(TRIM_HORIZON)  # what comes twice is dropped
            return self._opened()

    def _get_iterator(self, **begin: Any) -> str:  # noqa: ANN401 - a literal and a text, as the client wants them
        client, stream = self._source.client, self._source.stream
        return self._asked(lambda: client.get_shard_iterator(StreamName=stream, ShardId=self._shard, **begin))[
            "ShardIterator"
        ]

    def _get_records(self, iterator: str) -> dict[str, Any]:
        return dict(self._asked(lambda: self._source.client.get_records(ShardIterator=iterator, Limit=PAGE)))

    def _asked(self, request: Callable[[], T]) -> T:
        def told() -> T:
            try:
                return request()
            except ClientError as error:
                if code(error) in TOLD:
                    raise _Refused(code(error), f"Kinesis: {said(error)}") from error
                raise

        return asked(self._source.environment, KINESIS, told)

    def _rest(self, seconds: float) -> None:
        self._rest_until = self._source.environment.monotonic() + seconds


class _Refused(Exception):
    """An answer that says what to do."""

    def __init__(self, error: str, sentence: str) -> None:
        """Keep Kinesis' name of the error."""
        super().__init__(sentence)
        self.code = error
