"""Making the stream and what fills it, and saying what keeps events from it."""

from collections.abc import Callable
from contextlib import closing

import pytest

from adapters.aws.client import AWSProblem
from adapters.kinesis.client import kinesis_client
from adapters.kinesis.destination import Destination
from adapters.kinesis.lease import SHARD_END
from adapters.kinesis.preparing import RETENTION_HOURS, prepare_stream
from adapters.kinesis.shards import Shard
from adapters.kinesis.sharing import RENEW_SECONDS
from adapters.kinesis.stream import check_stream, destination_state, stream_state
from adapters.kinesis.tables import create_leases_table
from adapters.system.environment import system_environment
from tests.contract.dynamodb_harness import client_of
from tests.contract.kinesis_harness import Clock, KinesisFeeds, kinesis_of, rung
from tests.support.commits import fill
from tests.support.faulty_proxy import refuse, respond
from tests.support.pauses import Pauses

pytestmark = pytest.mark.kinesis

IN_MICROSECONDS = Destination("ACTIVE", "MICROSECOND")


def prepare(kinesis: KinesisFeeds, **names: str) -> tuple[str, ...]:
    """Make what is missing, through the proxies."""
    pauses = Pauses().within(system_environment())
    return prepare_stream(kinesis.kinesis, kinesis.leases_client, kinesis.names._replace(**names), pauses)


def test_the_stream_keeps_a_week_and_the_table_streams_to_it_in_microseconds(kinesis: KinesisFeeds) -> None:
    state = stream_state(kinesis.kinesis, kinesis.names.stream)

    assert (state.status, state.retention_hours, state.open_shards) == ("ACTIVE", RETENTION_HOURS, 2)
    assert state.arn.endswith(f":stream/{kinesis.names.stream}")
    assert destination_state(kinesis.leases_client, kinesis.names) == IN_MICROSECONDS


def test_preparing_again_does_nothing(kinesis: KinesisFeeds) -> None:
    assert prepare(kinesis) == ()
    assert stream_state(kinesis.kinesis, kinesis.names.stream).open_shards == 2


def test_what_is_missing_is_made(kinesis: KinesisFeeds) -> None:
    kinesis.dynamodb.direct.delete_table(TableName=kinesis.names.leases)
    kinesis.direct.delete_stream(StreamName=kinesis.names.stream)

    assert prepare(kinesis) == (kinesis.names.stream, kinesis.names.leases)
    check_stream(kinesis.kinesis, kinesis.leases_client, kinesis.names)


def test_a_stream_that_is_made_anew_is_read_from_its_beginning_whatever_was_read_of_the_one_before(
    kinesis: KinesisFeeds,
) -> None:
    parent, child = kinesis.shards()
    kinesis.proxy.hide(child)
    kinesis.ring(0, "s", 1)
    with closing(kinesis.worker()) as feed:
        feed.acknowledge(feed.poll(100))
        kinesis.proxy.reshard((parent,), (child,))
        feed.poll(100)
    assert kinesis.checkpoints()["0"] == SHARD_END
    kinesis.direct.delete_stream(StreamName=kinesis.names.stream)

    prepare(kinesis)
    kinesis.ring(0, "s", 2)

    fresh = kinesis.worker(kinesis=kinesis.direct)
    assert rung(fresh.poll(100)) == [("s", 2)]


def test_the_leases_of_other_streams_are_left_alone(kinesis: KinesisFeeds) -> None:
    with closing(kinesis.worker()) as feed:
        feed.poll(100)
    prepare(kinesis, stream=f"{kinesis.names.stream}-two")

    assert len(kinesis.leases().all()) == 2
    kinesis.direct.delete_stream(StreamName=f"{kinesis.names.stream}-two")


def test_a_server_that_knows_of_no_microseconds_streams_all_the_same(kinesis: KinesisFeeds) -> None:
    arn = stream_state(kinesis.direct, kinesis.names.stream).arn
    kinesis.dynamodb.direct.disable_kinesis_streaming_destination(TableName=kinesis.names.events, StreamArn=arn)
    kinesis.leases_proxy.on(("EnableKinesisStreamingDestination",), refuse("ValidationException"))

    prepare(kinesis)

    assert destination_state(kinesis.leases_client, kinesis.names).status == "ACTIVE"


def test_preparing_waits_until_the_destination_is_active_and_not_for_ever(kinesis: KinesisFeeds) -> None:
    arn = stream_state(kinesis.direct, kinesis.names.stream).arn
    enabling = {"KinesisDataStreamDestinations": [{"StreamArn": arn, "DestinationStatus": "ENABLING"}]}
    describe = ("DescribeKinesisStreamingDestination",)
    kinesis.leases_proxy.on(describe, *[respond(200, enabling)] * 4)
    assert prepare(kinesis) == ()

    kinesis.leases_proxy.on(describe, *[respond(200, enabling)] * 1000)
    with pytest.raises(AWSProblem, match=f"streaming destination of the DynamoDB table '{kinesis.names.events}'"):
        prepare(kinesis)


def test_a_missing_stream_is_named_with_its_setting(kinesis: KinesisFeeds) -> None:
    names = kinesis.names._replace(stream="nothing")

    with pytest.raises(AWSProblem, match=r"no Kinesis stream 'nothing' \(KINESIS_STREAM_NAME\) .* KINESIS_ENDPOINT\.$"):
        check_stream(kinesis.kinesis, kinesis.leases_client, names)


def test_a_missing_table_of_leases_is_named_with_its_setting(kinesis: KinesisFeeds) -> None:
    names = kinesis.names._replace(leases="nothing")

    with pytest.raises(AWSProblem, match=r"no DynamoDB table 'nothing' \(DYNAMODB_LEASES_TABLE_NAME\)"):
        check_stream(kinesis.kinesis, kinesis.leases_client, names)


def test_a_table_with_other_keys_is_no_table_of_leases(kinesis: KinesisFeeds) -> None:
    with pytest.raises(AWSProblem, match="name it in DYNAMODB_LEASES_TABLE_NAME"):
        create_leases_table(kinesis.leases_client, kinesis.names.events, system_environment())


def test_an_endpoint_that_does_not_answer_is_named_with_its_setting(kinesis: KinesisFeeds) -> None:
    nowhere = kinesis.dynamodb.free_endpoint()

    with pytest.raises(AWSProblem, match=r"Kinesis .* does not answer .* KINESIS_ENDPOINT"):
        stream_state(kinesis_of(nowhere), "any")
    with pytest.raises(AWSProblem, match=r"DynamoDB .* does not answer .* DYNAMODB_ENDPOINT"):
        destination_state(client_of(nowhere), kinesis.names)


def test_an_endpoint_or_a_region_that_cannot_be_meant_is_named() -> None:
    with pytest.raises(AWSProblem, match="KINESIS_ENDPOINT"):
        kinesis_client("ap-northeast-1", "nonsense", credentials=("test", "test"))
    with pytest.raises(AWSProblem, match="DYNAMODB_REGION"):
        kinesis_client("no region", credentials=("test", "test"))


@pytest.mark.parametrize("error", ["UnrecognizedClientException", "AccessDeniedException"])
def test_credentials_that_are_not_accepted_are_named(kinesis: KinesisFeeds, error: str) -> None:
    kinesis.proxy.on(("DescribeStreamSummary",), refuse(error))

    with pytest.raises(AWSProblem, match="AWS credentials"):
        stream_state(kinesis.kinesis, kinesis.names.stream)


def test_a_destination_that_is_disabled_hinders_until_it_is_enabled_again(kinesis: KinesisFeeds) -> None:
    feed = kinesis.worker()
    arn = stream_state(kinesis.direct, kinesis.names.stream).arn
    assert feed.hindrance() == ""
    kinesis.dynamodb.direct.disable_kinesis_streaming_destination(TableName=kinesis.names.events, StreamArn=arn)
    fill(kinesis.store, "unheard", 1)

    assert feed.hindrance().endswith(
        f"table '{kinesis.names.events}' on the Kinesis stream '{kinesis.names.stream}' is DISABLED"
    )
    assert feed.poll(100) == []

    prepare(kinesis)
    fill(kinesis.store, "heard", 1)
    assert feed.hindrance() == ""
    assert rung(feed.poll(100)) == [("heard", 1)]  # what was written meanwhile is for reconcile to find


def test_a_table_that_streams_elsewhere_hinders(kinesis: KinesisFeeds) -> None:
    kinesis.leases_proxy.on(
        ("DescribeKinesisStreamingDestination",),
        respond(200, {"KinesisDataStreamDestinations": [{"StreamArn": "arn:x/other", "DestinationStatus": "ACTIVE"}]}),
    )

    assert kinesis.worker().hindrance().endswith("is missing")


def test_a_shard_that_nobody_reads_hinders_until_somebody_does(open_kinesis: Callable[[int], KinesisFeeds]) -> None:
    kinesis, clock = open_kinesis(5), Clock()
    feed, theirs = kinesis.worker(environment=clock.environment), kinesis.leases(owner="another")
    first, *_, last = [theirs.add(Shard(shard, ())) for shard in kinesis.shards()]
    assert theirs.take(first)
    feed.poll(100)

    assert feed.hindrance() == f"nobody reads the shard {last.shard} of the Kinesis stream {kinesis.names.stream!r}"
    assert theirs.take(last)
    clock.pass_by(RENEW_SECONDS)
    feed.poll(100)
    assert feed.hindrance() == ""
