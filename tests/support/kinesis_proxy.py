"""A proxy before Kinesis that damages records, and splits and merges shards as AWS does.

MiniStack's own SplitShard and MergeShards throw the parent away with its records, and moto's move them to the children; on AWS the
parent stays readable until its end, which says so. Here the children are shards that the stream has from the start, hidden until then.
"""

import base64
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from tests.support.faulty_proxy import Asked, Exchange, FaultyProxy, respond, served

Damage = Callable[[dict[str, Any]], None]
"""Changes a change record before it is read."""


class KinesisProxy(FaultyProxy):
    """Stands before one server; what it knows of shards is about one stream."""

    def __init__(self, upstream: str) -> None:
        """Pass everything on as it is, for now."""
        super().__init__(upstream)
        self.damage: list[Damage] = []
        self.empty_pages = 0
        """Pages that come empty although there is more."""
        self.behind_seconds = 5.0
        """How far these pages say that there is more."""
        self._hidden: set[str] = set()
        self._closed: set[str] = set()
        self._parents: dict[str, tuple[str, ...]] = {}
        self._shard_of: dict[str, str] = {}
        self._refused: dict[bytes, int | None] = {}
        self._is_closed = False

    def refuse(self, text: str, times: int | None = None) -> None:
        """Refuse records that hold this, so many times or always, and take the others of their requests, as PutRecords may."""
        self._refused[text.encode()] = times

    @contextmanager
    def closed(self) -> Iterator[None]:
        """Let no request through while inside."""
        self._is_closed = True
        try:
            yield
        finally:
            self._is_closed = False

    def taken(self, exchange: Exchange, asked: Asked) -> bool:
        """Cut what must not get through; take the part of PutRecords that is not refused, and answer for all."""
        if self._is_closed:
            exchange.cut()
            return True
        if asked.operation != "PutRecords" or not self._refused:
            return False
        refused = [self._is_refused(base64.b64decode(record["Data"])) for record in asked.body["Records"]]
        if not any(refused):
            return False
        kept = [record for record, is_refused in zip(asked.body["Records"], refused, strict=True) if not is_refused]
        answers: list[dict[str, Any]] = []
        if kept:
            _, answer, _ = exchange.forward(json.dumps(asked.body | {"Records": kept}).encode())
            answers = json.loads(answer)["Records"]
        refusal = {"ErrorCode": "ProvisionedThroughputExceededException", "ErrorMessage": "says the test"}
        records = [refusal if is_refused else answers.pop(0) for is_refused in refused]
        respond(200, {"FailedRecordCount": sum(refused), "Records": records})(exchange)
        return True

    def _is_refused(self, data: bytes) -> bool:
        for text, left in self._refused.items():
            if text in data and left != 0:
                self._refused[text] = left - 1 if left else left
                return True
        return False

    def hide(self, *shards: str) -> None:
        """Keep these from being seen."""
        self._hidden.update(shards)

    def reshard(self, parents: tuple[str, ...], children: tuple[str, ...]) -> None:
        """Close the parents, and show the children: one parent is split, two are merged."""
        self._closed.update(parents)
        self._hidden.difference_update(children)
        self._parents |= dict.fromkeys(children, parents)

    def forget(self, *shards: str) -> None:
        """List these no more, as AWS does when all that they hold is past retention."""
        self._hidden.update(shards)

    def passed_on(self, asked: Asked, answer: bytes) -> bytes:
        """Change what concerns shards and records."""
        body = json.loads(answer) if answer else {}
        match asked.operation:
            case "ListShards":
                body["Shards"] = [self._listed(each) for each in body["Shards"] if each["ShardId"] not in self._hidden]
            case "GetShardIterator":
                self._shard_of[body["ShardIterator"]] = asked.body["ShardId"]
            case "GetRecords":
                self._read(asked.body, body)
            case _:
                return answer
        return json.dumps(body).encode()

    def _listed(self, shard: dict[str, Any]) -> dict[str, Any]:
        names = ("ParentShardId", "AdjacentParentShardId")
        shard |= dict(zip(names, self._parents.get(shard["ShardId"], ()), strict=False))
        if shard["ShardId"] in self._closed:
            shard["SequenceNumberRange"]["EndingSequenceNumber"] = "9" * 30
        return shard

    def _read(self, asked: dict[str, Any], page: dict[str, Any]) -> None:
        shard = self._shard_of[asked["ShardIterator"]]
        if self.empty_pages:
            self.empty_pages -= 1
            page |= {"Records": [], "MillisBehindLatest": self.behind_seconds * 1000}
            page["NextShardIterator"] = asked["ShardIterator"]  # MiniStack lets an iterator be used again
            return
        for record in page["Records"]:
            data = json.loads(base64.b64decode(record["Data"]))
            for damage in self.damage:
                damage(data)
            record["Data"] = base64.b64encode(json.dumps(data).encode()).decode()
        self._shard_of[page["NextShardIterator"]] = shard
        if shard in self._closed and len(page["Records"]) < asked["Limit"]:
            del page["NextShardIterator"]
            page["ChildShards"] = [
                {"ShardId": child, "ParentShards": list(parents), "HashKeyRange": {}}
                for child, parents in self._parents.items()
                if shard in parents
            ]


@contextmanager
def kinesis_proxy(upstream: str) -> Iterator[KinesisProxy]:
    """Run a proxy before `upstream` while inside."""
    proxy = KinesisProxy(upstream)
    with served(proxy):
        yield proxy
