"""Ways to break the shop, each of which the comparison must report, with the figures that give it away."""

from collections.abc import Callable
from typing import NamedTuple

import pytest

from tests.integration.comparison.sabotages import reading, writing

Patch = Callable[[pytest.MonkeyPatch], None]


class Sabotage(NamedTuple):
    """What is broken, under which design and consumer it shows, and in which figures, one of them at least.

    What `doorbell+reconcile` heals, whoever broke it, is looked for where nothing is healed.
    """

    name: str
    design: str
    figures: tuple[str, ...]
    break_it: Patch
    consumer: str = "doorbell+reconcile"


ANNOUNCED = ("lost_though_announced",)


ALL = (
    Sabotage(
        "the projector drops 1 in 100", "cdc", ("lost", "divergence", "differences"), reading.drops_one_in_a_hundred
    ),
    Sabotage("the relay unmarks first", "outbox", ("unexplained",), writing.unmarks_before_the_acknowledgement),
    Sabotage(
        "the cursor is saved before the rows", "cdc", ("lost", "divergence"), reading.saves_the_cursor_before_the_rows
    ),
    Sabotage("heal reads inconsistently", "cdc", ("lost", "divergence"), reading.heals_from_an_inconsistent_read),
    Sabotage("reconcile skips a shard", "cdc", ("lost", "divergence"), reading.reconcile_skips_a_shard),
    Sabotage("the store loses a conflict", "cdc", ("broken_promises", "oversold"), writing.the_store_loses_a_conflict),
    Sabotage("a mail is marked before it is sent", "cdc", ("mails_missing",), writing.marks_a_mail_before_it_is_sent),
    Sabotage("a duplicate is applied", "cdc", ("applied_twice",), reading.applies_what_is_behind_the_cursor),
    Sabotage("redrive does nothing", "cdc", ("lost", "divergence"), reading.redrive_does_nothing),
    Sabotage("poison is passed over", "cdc", ("lost", "divergence"), reading.goes_on_behind_a_poisoned_event),
    Sabotage("orders are not marked", "outbox", ("unexplained",), writing.marks_only_the_first_event_of_an_append),
    Sabotage("a commit is torn", "cdc", ("torn_stored",), writing.tears_a_commit),
    Sabotage(
        "a commit is told and not written", "cdc", ("broken_promises",), writing.acknowledges_what_it_did_not_write
    ),
    Sabotage("a mail is not asked for", "cdc", ("mails_missing",), writing.asks_for_no_mail_about_payments),
    Sabotage("the feed loses records", "cdc", ("unexplained",), writing.the_feed_loses_records),
    Sabotage(
        "the row stays behind its cursor", "outbox", ("divergence", "differences"), reading.saves_the_row_of_before
    ),
    Sabotage("reconcile repairs nothing", "dual-write", ("lost", "divergence"), reading.repairs_nothing),
    Sabotage(
        "a transaction that failed is saved", "outbox", ("applied_twice", "lost"), reading.commits_rows_that_a_crash_cut
    ),
    Sabotage("the relay goes backwards", "outbox", ("inversions",), writing.relays_backwards),
    Sabotage("an order is told and not committed", "cdc", ("broken_promises",), writing.says_done_and_commits_nothing),
    Sabotage("keys are forgotten", "cdc", ("done_twice",), writing.forgets_idempotency_keys),
    Sabotage("rows show no total", "cdc", ("divergence",), reading.shows_no_total),
    Sabotage("mails go to somebody else", "outbox", ("mails_missing",), writing.writes_to_somebody_else),
    Sabotage("it is acknowledged first", "cdc", ANNOUNCED, reading.acknowledges_before_it_commits, "doorbell"),
    Sabotage("gaps are not healed", "cdc", ANNOUNCED, reading.drops_what_is_ahead_of_a_gap, "doorbell"),
)
