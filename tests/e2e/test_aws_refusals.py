"""What keeps a shop on AWS from starting is one sentence; what happens to its feed while it runs is a state that people see."""

from collections.abc import Iterator

import boto3
import pytest

from core.application.carts import AddToCart
from core.application.executor import Context
from tests.support.aws_shop import aws_settings
from tests.support.command import CREDENTIALS, ecshop, free_port, says_no
from tests.support.durable_shop import Variables, order_in, shop_on
from tests.support.faulty_proxy import Fault, faulty_proxy, refuse
from tests.support.strangers import UNKNOWN_KEY, stranger

pytestmark = [pytest.mark.postgres, pytest.mark.ministack]

COMMANDS = [("serve", "--port", "0"), ("worker", "project"), ("worker", "notify")]
each_command = pytest.mark.parametrize("command", COMMANDS, ids=" ".join)


@pytest.fixture(scope="module")
def settings(ministack_endpoint: str, postgres_url: str) -> Iterator[Variables]:
    """Give a shop that lacks nothing."""
    with aws_settings(ministack_endpoint, postgres_url) as settings:
        yield settings


@each_command
def test_an_endpoint_that_nobody_answers_at_is_told(settings: Variables, command: tuple[str, ...]) -> None:
    nowhere = f"http://127.0.0.1:{free_port()}"

    says_no(ecshop(*command, **settings | {"DYNAMODB_ENDPOINT": nowhere}), "DYNAMODB_ENDPOINT", "does not answer")
    says_no(ecshop(*command, **settings | {"KINESIS_ENDPOINT": nowhere}), "KINESIS_ENDPOINT", "does not answer")


def test_credentials_that_aws_does_not_know_are_told(settings: Variables) -> None:
    with stranger(400, UNKNOWN_KEY) as knows_nobody:
        for endpoint in ("DYNAMODB_ENDPOINT", "KINESIS_ENDPOINT"):
            ended = ecshop("worker", "project", **settings | {endpoint: knows_nobody})
            says_no(ended, "AWS_ACCESS_KEY_ID", "UnrecognizedClientException")


NOT_NOW = {"throttled": refuse("LimitExceededException"), "an error of its own": refuse("InternalFailure", 500)}
LOOKS = ("DescribeTable", "DescribeStreamSummary", "DescribeKinesisStreamingDestination", "Scan")


@pytest.mark.parametrize("answer", NOT_NOW.values(), ids=NOT_NOW)
def test_one_answer_that_says_not_now_keeps_nothing_from_starting(settings: Variables, answer: Fault) -> None:
    with faulty_proxy(settings["DYNAMODB_ENDPOINT"]) as proxy:
        through = settings | {"DYNAMODB_ENDPOINT": proxy.endpoint, "KINESIS_ENDPOINT": proxy.endpoint}
        for look in LOOKS:
            proxy.on((look,), answer)
        with shop_on(through) as shop:
            assert shop.read_models.feed().lag_seconds() == 0.0
        ended = ecshop("status", **through)
    assert ended.exit_code == 0, ended.output
    assert len(proxy.done) == len(LOOKS)


@pytest.mark.parametrize("answer", NOT_NOW.values(), ids=NOT_NOW)
def test_a_service_that_never_answers_but_not_now_is_told_so(settings: Variables, answer: Fault) -> None:
    with faulty_proxy(settings["DYNAMODB_ENDPOINT"]) as proxy:
        proxy.on(("DescribeStreamSummary",), *[answer] * 100)
        ended = ecshop("worker", "project", **settings | {"KINESIS_ENDPOINT": proxy.endpoint})
    says_no(ended, "try again in a moment", "KINESIS_ENDPOINT")


@pytest.mark.parametrize(
    ("setting", "remedy"),
    [
        ("DYNAMODB_TABLE_NAME", "ecshop tables create"),
        ("DYNAMODB_CLAIMS_TABLE_NAME", "ecshop tables create"),
        ("DYNAMODB_LEASES_TABLE_NAME", "ecshop stream create"),
        ("KINESIS_STREAM_NAME", "ecshop stream create"),
    ],
)
def test_a_table_or_stream_that_is_missing_is_told_with_its_setting(
    settings: Variables, setting: str, remedy: str
) -> None:
    ended = ecshop("worker", "project", **settings | {setting: "no-such-thing"})

    says_no(ended, "no-such-thing", setting, remedy)


def test_a_region_without_the_tables_is_told(settings: Variables) -> None:
    says_no(ecshop("worker", "project", **settings | {"DYNAMODB_REGION": "eu-west-1"}), "in eu-west-1")


def test_a_stream_for_a_table_that_there_is_not_is_refused(settings: Variables) -> None:
    ended = ecshop("stream", "create", **settings | {"DYNAMODB_TABLE_NAME": "no-such-table"})

    says_no(ended, "no-such-table", "ecshop tables create")


def test_making_the_stream_again_does_nothing(settings: Variables) -> None:
    ended = ecshop("stream", "create", "--shards", "3", **settings)

    assert (ended.exit_code, ended.stdout.count("was there already")) == (0, 2), ended.stderr


def test_changes_that_never_reach_the_stream_are_seen_and_reconciled(settings: Variables) -> None:
    dynamodb = boto3.client(
        "dynamodb", settings.get("DYNAMODB_REGION", "ap-northeast-1"), endpoint_url=settings["DYNAMODB_ENDPOINT"]
    )
    table = settings["DYNAMODB_TABLE_NAME"]
    (destination,) = dynamodb.describe_kinesis_streaming_destination(TableName=table)["KinesisDataStreamDestinations"]
    with shop_on(settings | CREDENTIALS) as shop:
        product_id, order_id = order_in(shop)
        projector = shop.read_models.projector()
        while projector.step(timeout=2.0):
            pass
        assert shop.projections().standings([order_id])

        dynamodb.disable_kinesis_streaming_destination(TableName=table, StreamArn=destination["StreamArn"])
        shop.commands().run(AddToCart("guest-late", product_id, 1), Context())
        assert table in projector.feed.hindrance()
        assert "DISABL" in projector.feed.hindrance()

        dynamodb.enable_kinesis_streaming_destination(TableName=table, StreamArn=destination["StreamArn"])
        assert projector.feed.hindrance() == ""
        assert projector.step(timeout=1.0) == 0  # what was written meanwhile never comes
        (difference,) = shop.read_models.reconcile().look().differences
        assert difference.stream == "cart-guest-late"
        shop.read_models.reconcile().repair(shop.read_models.reconcile().look())
        assert shop.read_models.reconcile().look().differences == ()


def test_what_mends_the_rows_does_not_need_the_stream(settings: Variables) -> None:
    cut_off = settings | {"KINESIS_STREAM_NAME": "gone", "KINESIS_ENDPOINT": f"http://127.0.0.1:{free_port()}"}

    def told(*command: str) -> tuple[int, str]:
        ended = ecshop(*command, **cut_off)
        assert "Error" not in ended.stderr
        return ended.exit_code, ended.stdout

    with shop_on(settings) as shop:
        _, order_id = order_in(shop)
        status, repaired = told("reconcile", "--repair")
        assert (status, order_id in repaired) == (1, True)
        assert shop.projections().standings([order_id])
    assert told("reconcile")[1].endswith(" streams, 0 differ.\n")
    assert told("dead-letters", "list") == (0, "Nothing is parked.\n")
    assert told("mails")[0] == 0
    status, rebuilt = told("rebuild")
    assert (status, "none differs" in rebuilt, "Generation 2 is live." in rebuilt) == (0, True, True)
