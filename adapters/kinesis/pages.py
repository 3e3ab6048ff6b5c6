"""The pages of one shard: the iterator from one to the next, and the answers of Kinesis that say what to do."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from botocore.exceptions import ClientError

from adapters.aws.failures import code, said
from adapters.aws.services import KINESIS
from adapters.kinesis.asking import T, asked
from adapters.kinesis.lease import TRIM_HORIZON
from core.ports.environment import Environment
from core.ports.events import Codec

if TYPE_CHECKING:
    from mypy_boto3_kinesis.client import KinesisClient

PAGE = 1000
"""Records asked for at once: what a shard takes in within a second."""

# An iterator is good for five minutes.
EXPIRED = "ExpiredIteratorException"

# The shard, as all of it is past retention, or the whole stream.
MISSING = "ResourceNotFoundException"

# The checkpoint is no sequence number of this shard, or the iterator none of this stream: they are of another that had the name.
FOREIGN = "InvalidArgumentException"

TOO_OFTEN = frozenset(
    {
        "KMSThrottlingException",
        "LimitExceededException",
        "ProvisionedThroughputExceededException",
        "ThrottlingException",
    }
)

Page = dict[str, Any]
"""The answer of GetRecords: `Records`, `MillisBehindLatest`, and `NextShardIterator` where the shard goes on."""


class Source(NamedTuple):
    """Where shards are read, and whose records they hold."""

    client: "KinesisClient"
    stream: str
    table: str
    codec: Codec
    environment: Environment


class Refused(Exception):
    """An answer that is not repeated but acted on; `code` is Kinesis' name of it."""

    def __init__(self, error: ClientError) -> None:
        """Keep what it says."""
        super().__init__(f"Kinesis: {said(error)}")
        self.code = code(error)


class Pages:
    """Reads a shard on and on."""

    def __init__(self, source: Source, shard: str) -> None:
        """Read nothing yet."""
        self._source = source
        self._shard = shard
        self._iterator: str | None = None

    def next(self, checkpoint: str) -> Page:
        """Give the page behind the last; the first one, and the one after an iterator was refused, begin behind the checkpoint.

        Raises:
            Refused: not now, or not so.
            FeedUnavailable: Kinesis was not reached.
        """
        try:
            page = self._records(self._iterator or self._opened(checkpoint))
        except Refused as refusal:
            if refusal.code in TOO_OFTEN:
                raise
            # It is too old, or one of a stream that is gone while another has the name: asked for anew, it tells what there is now.
            was_kept, self._iterator = self._iterator, None
            if not was_kept:
                raise
            page = self._records(self._opened(checkpoint))
        self._iterator = page.get("NextShardIterator")
        return page

    def _opened(self, checkpoint: str) -> str:
        begin: dict[str, Any] = {"ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "StartingSequenceNumber": checkpoint}
        if checkpoint == TRIM_HORIZON:
            begin = {"ShardIteratorType": "TRIM_HORIZON"}  # LATEST would miss what came before the shard was seen
        client, stream = self._source.client, self._source.stream
        answer = self._asked(lambda: client.get_shard_iterator(StreamName=stream, ShardId=self._shard, **begin))
        return answer["ShardIterator"]

    def _records(self, iterator: str) -> Page:
        return dict(self._asked(lambda: self._source.client.get_records(ShardIterator=iterator, Limit=PAGE)))

    def _asked(self, request: Callable[[], T]) -> T:
        def told() -> T:
            try:
                return request()
            except ClientError as error:
                if code(error) in TOO_OFTEN | {EXPIRED, MISSING, FOREIGN}:
                    raise Refused(error) from error
                raise

        return asked(self._source.environment, KINESIS, told)
