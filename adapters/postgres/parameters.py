"""A commit as the parameters of the functions that the migrations made."""

from collections.abc import Sequence
from typing import Any

from adapters.serialization.recording import metadata_json, whole_seconds
from core.ports.commit import Claim, Commit, Release
from core.ports.events import Codec, RecordedEvent

COMMIT = (
    "SELECT shop_events.commit(%s, %s, %s::text[], %s::bigint[], %s::integer[], %s::text[], %s::text[], %s::bigint[],"
    " %s::text[], %s::text[], %s::text[], %s::integer[], %s::text[], %s::text[], %s::text[], %s::text[], %s::boolean[], %s::text[],"
    " %s::timestamptz[])"
)
COMMIT_TO_RELAY = COMMIT.replace("shop_events.commit(", "shop_events.commit_to_relay(")
"""The same, of events that are still to be relayed."""

VERDICT = "SELECT verdict, about FROM shop_events.verdict(%s, %s, %s::text[], %s::bigint[], %s::integer[], %s::text[], %s::text[])"


def commit_parameters(commit: Commit, recorded: Sequence[Sequence[RecordedEvent]], codec: Codec) -> list[Any]:
    """Give the parameters of `COMMIT`; `recorded` are the events of each append."""
    claims = _sorted_claims(commit)
    events = [event for of_append in recorded for event in of_append]
    # Encoded once for all events that have the same.
    texts = {metadata: metadata_json(codec, metadata).decode() for metadata in {event.metadata for event in events}}
    return [
        commit.id,
        commit.created_at,
        *_columns(_places(commit), 4),
        *_columns(
            [
                (
                    event.stream,
                    event.version,
                    event.id,
                    event.aggregate_type,
                    event.type,
                    event.schema_version,
                    event.data.decode(),
                    texts[event.metadata],
                )
                for event in events
            ],
            8,
        ),
        *_columns([_claim(claim) for claim in claims], 5),
    ]


def verdict_parameters(commit: Commit) -> list[Any]:
    """Give the parameters of `VERDICT`."""
    wanted = [(claim.key, claim.owner if isinstance(claim, Release) else None) for claim in _sorted_claims(commit)]
    return [commit.id, commit.created_at, *_columns(_places(commit), 4)[:3], *_columns(wanted, 2)]


def _places(commit: Commit) -> list[tuple[str, int, int, str]]:
    """Give each stream with the version it must be at, the number of events to append, and the id of the last, sorted by stream."""
    appends = [(a.stream, a.expected_version, len(a.events), a.events[-1].id) for a in commit.appends]
    return sorted(appends + [(check.stream, check.version, 0, "") for check in commit.checks])


def _sorted_claims(commit: Commit) -> list[Claim | Release]:
    return sorted(commit.claims, key=lambda claim: claim.key)


def _claim(claim: Claim | Release) -> tuple[object, ...]:
    if isinstance(claim, Release):
        return claim.key, claim.owner, True, None, None
    value = None if claim.value is None else claim.value.decode()
    return claim.key, claim.owner, False, value, whole_seconds(claim.expires_at)


def _columns(rows: Sequence[tuple[Any, ...]], width: int) -> list[str]:
    return [_array(column) for column in zip(*rows, strict=True)] or ["{}"] * width


def _array(values: Sequence[object]) -> str:
    """Write an array in PostgreSQL's words, every element quoted; psycopg takes ten times as long, a fifth of a commit."""
    return "{" + ",".join(["NULL" if value is None else _quoted(str(value)) for value in values]) + "}"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
