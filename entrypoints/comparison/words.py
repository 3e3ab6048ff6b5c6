"""What happens in a run, in words."""

from collections.abc import Mapping

from core.ports.commit import Commit

FAULTS_IN_WORDS: Mapping[str, str] = {
    "write.before": "the process of the shop dies before it writes",
    "write.after": "the process of the shop dies right after it wrote",
    "publish.before": "the process dies after the event was stored and before it is published",
    "publish.after": "the process dies right after it published",
    "relay.before_unmark": "the relay dies after the broker took its events, before it takes their marks off",
    "consumer.before_effect": "the consumer dies before its rows are saved",
    "consumer.before_checkpoint": "the consumer dies after its rows are saved, before it acknowledges",
    "mail.before_mark": "the sender dies after the mail server took a mail, before it is marked as sent",
    "ack.late": "the store's acknowledgement comes late, or never",
    "publish.fail": "a publish fails",
    "publish.ack_lost": "the broker takes an event, and its acknowledgement is lost",
    "publish.overtake": "a publish is held up, so that another overtakes it",
    "commit.refused": "the commit after a publish is refused",
    "commit.cut": "a commit written event by event is cut short",
    "broker.down": "the broker goes away for a while",
    "shard.throttled": "the shard is throttled for a while",
    "database.down": "the database of the read model goes away for a while",
    "consumer.past_retention": "a consumer stays down until records are gone",
    "record.oversized": "the feed skips a record that grew too large",
    "record.poison": "a record cannot be read",
    "fold.bug": "a fold raises on one event, until it is fixed",
    "feed.duplicate": "the feed delivers a record twice",
    "feed.reorder": "the feed holds a record back, so that later ones come first",
}


KINDS = {"aaaaaaaa": "product", "bbbbbbbb": "shopper", "cccccccc": "order"}
"""What the ids of a workload begin with."""


def named(stream: str) -> str:
    """Give a stream's name in words: `order 3`, `the stock of product 1`, `the cart of shopper 2`."""
    prefix = (
        "the cart of " if stream.startswith("cart-") else "the stock of " if stream.startswith("inventory-") else ""
    )
    thing = stream.removeprefix("cart-").removeprefix("inventory-")
    return f"{prefix}{KINDS.get(thing[:8], 'stream')} {thing[-12:].lstrip('0')}"


def events_in_words(commit: Commit) -> str:
    """Name what a commit writes."""
    names = [
        f"{type(event.data).__name__} of {named(append.stream)}" for append in commit.appends for event in append.events
    ]
    return f"{', '.join(names)} {'is' if len(names) == 1 else 'are'}"
