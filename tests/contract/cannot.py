"""What an adapter cannot keep, with the reason: expected to fail every time, so the day it does not, the suite says so."""

SEES_NO_VERSION_AHEAD = (
    "DynamoDB sees only whether an item exists; seeing a version ahead would cost a second condition."
    " Reads report the hole that such an append leaves."
)
IS_CALM = "The feed reads the table in order; what it could not do, no seed makes it do."
DIES_WITH_IT = "The place in a log in memory is kept in the process that reads it, as the log is."
NOTHING_FAILS = "Nothing lies between the topic in memory and who publishes into it."
HAS_NO_IMAGE = "The feed reads the store's own rows; there is no copy on the way that could be damaged."
KEEPS_A_PLACE = (
    "An outbox row is a place in its stream, so what comes after a marked event is relayed too, whoever wrote it."
)
NOBODY_AGAIN = "Who committed publishes, once; what died with that process, or failed, nobody publishes again."
DOES_NOT_KNOW = "Who is not told that a commit is stored does not publish it, and nobody else does."
OVERTAKES = "Two writers publish in the order in which they come to it, which need not be that of their commits."
DUAL_WRITE = ("dual-write-memory", "dual-write-postgres-kafka", "dual-write-dynamodb-kafka")
CANNOT = (
    {
        ("test_a_consumer_that_starts_again_goes_on_behind_what_it_acknowledged", "memory"): DIES_WITH_IT,
    }
    | {
        (test, "broker"): NOTHING_FAILS
        for test in (
            "test_a_partial_failure_names_exactly_those_that_were_not_acknowledged",
            "test_what_is_behind_a_refused_event_of_its_stream_is_named_or_delivered",
            "test_a_call_that_failed_does_not_harm_the_next",
            "test_while_the_broker_is_away_all_are_named_and_afterwards_it_goes_on",
        )
    }
    | {
        (test, adapter): SEES_NO_VERSION_AHEAD
        for test in (
            "test_a_version_ahead_of_the_head_is_rejected",
            "test_a_version_ahead_of_the_head_of_a_second_stream_is_rejected",
            "test_a_check_ahead_of_the_head_is_rejected",
        )
        for adapter in ("moto", "ministack")
    }
    | {
        (test, adapter): reason
        for test, reason in {
            "test_a_run_reaches_back_to_the_first_unmarked_event": KEEPS_A_PLACE,
            "test_a_hostile_feed_delays_repeats_and_reorders": IS_CALM,
            "test_a_hostile_feed_does_the_same_again_for_the_same_seed": IS_CALM,
            "test_a_record_whose_image_is_damaged_is_still_a_doorbell": HAS_NO_IMAGE,
            "test_a_record_whose_keys_are_damaged_is_delivered_as_unreadable_and_acknowledged_like_any_other": HAS_NO_IMAGE,
            "test_what_comes_behind_a_record_that_cannot_be_read_is_delivered": HAS_NO_IMAGE,
        }.items()
        for adapter in ("postgres", "postgres-system")
    }
    | {
        (test, design): reason
        for test, reason in {
            "test_it_is_delivered_though_the_process_dies_right_after_its_commit": NOBODY_AGAIN,
            "test_it_is_delivered_though_the_process_dies_before_it_publishes": NOBODY_AGAIN,
            "test_it_is_delivered_though_its_publish_fails": NOBODY_AGAIN,
            "test_it_is_delivered_though_the_broker_is_away_for_a_while": NOBODY_AGAIN,
            "test_it_is_delivered_though_nobody_is_told_that_it_is_stored": DOES_NOT_KNOW,
            "test_first_deliveries_are_in_version_order_though_a_writer_is_overtaken": OVERTAKES,
        }.items()
        for design in DUAL_WRITE
    }
)
"""The reason, by test and adapter."""
