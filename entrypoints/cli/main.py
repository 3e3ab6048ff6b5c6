"""`ecshop`: start a shop, look at its events, make its tables."""

import click

from config.settings import load_settings
from entrypoints.cli import comparison, durable, local
from entrypoints.cli.extras import extra
from entrypoints.cli.sentences import sentences


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="ecshop")
def main() -> None:
    """A shop whose writes are events.

    `ecshop demo` starts one to look at. Settings are environment variables; README.md lists them all.
    """


PORT = click.option(
    "--port",
    type=click.IntRange(0, 65535),
    metavar="NUMBER",
    help="Listen on this port; 0 takes a free one. Without it: PORT, or else 8080.",
)
HOST = click.option(
    "--host", metavar="ADDRESS", help="Listen on this address; 0.0.0.0 is all. Without it: HOST, or else 127.0.0.1."
)


@main.command(short_help="Serve an empty shop.")
@PORT
@HOST
@durable.SWITCH_FEED
@sentences
def serve(port: int | None, host: str | None, switch_feed: bool) -> None:  # noqa: FBT001 - a flag of the command line
    """Serve an empty shop until Ctrl-C or SIGTERM.

    It keeps everything in memory, so that when it ends all is gone; with STORE=postgres it keeps it in the PostgreSQL that DATABASE_URL
    names, or in an embedded one; with STORE=dynamodb, events in DynamoDB and rows in such a PostgreSQL. DELIVERY says how events reach
    those rows. Products are added through the admin rows of its API, which ADMIN_TOKEN opens. In production (ENVIRONMENT=production)
    SECRET_KEY must be set too.
    """
    with extra("http"):
        from entrypoints.cli.shop import run_shop

    run_shop(load_settings(port=port, host=host), demo=False, switch_feed=switch_feed)


@main.command(short_help="Serve a shop with demo data.")
@PORT
@HOST
@durable.SWITCH_FEED
@sentences
def demo(port: int | None, host: str | None, switch_feed: bool) -> None:  # noqa: FBT001 - a flag of the command line
    """Serve a shop with demo data until Ctrl-C or SIGTERM.

    It has products, carts, and orders in each state, with the same ids each start, in memory or where STORE says.
    Where ADMIN_TOKEN is not set, it makes one up and prints it; not so in production (ENVIRONMENT=production), where ADMIN_TOKEN and
    SECRET_KEY must be set.
    """
    with extra("http"):
        from entrypoints.cli.shop import run_shop

    run_shop(load_settings(port=port, host=host), demo=True, switch_feed=switch_feed)


@main.command(short_help="Show what happened to one aggregate.")
@click.argument("stream")
@click.option(
    "--at-version",
    type=click.IntRange(min=1),
    metavar="NUMBER",
    help="Show the state after this many events instead of the events.",
)
@click.option(
    "--url",
    metavar="ADDRESS",
    help="Ask the shop that runs there, such as http://localhost:8080. Its admin token must be in ADMIN_TOKEN.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@sentences
def events(stream: str, at_version: int | None, url: str | None, as_json: bool) -> None:  # noqa: FBT001 - a flag of the command line
    """Show what happened to one aggregate: its events, oldest first.

    STREAM is a product id, an order id, inventory-<product id>, or cart-<user id>; a guest's user id is guest-<X-User-ID>.

    With --url a running shop is asked. Without it the events are read from the PostgreSQL of STORE=postgres, or else from DynamoDB: the
    tables DYNAMODB_TABLE_NAME (events), DYNAMODB_SNAPSHOT_TABLE_NAME (snapshots) and DYNAMODB_CLAIMS_TABLE_NAME (claims), in
    DYNAMODB_REGION (ap-northeast-1), at DYNAMODB_ENDPOINT (empty is AWS), with the credentials that every AWS tool uses.
    """
    from entrypoints.cli.events import show_events

    show_events(load_settings(), stream, at_version=at_version, url=url, as_json=as_json)


@main.group(short_help="Make the DynamoDB tables.")
def tables() -> None:
    """Care for the DynamoDB tables that the settings name."""


@main.group(short_help="Make the Kinesis stream.")
def stream() -> None:
    """Care for the Kinesis stream that the settings name."""


@stream.command("create", short_help="Make the stream, and have the table fill it.")
@click.option(
    "--shards", type=click.IntRange(1, 10_000), default=1, show_default=True, help="Make a new stream of so many."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@sentences
def create_stream(shards: int, as_json: bool) -> None:  # noqa: FBT001 - a flag of the command line
    """Make what is missing of the change feed, and leave what is there as it is.

    The stream KINESIS_STREAM_NAME (ec-events), at KINESIS_ENDPOINT (empty is AWS) in DYNAMODB_REGION; the table of its readers' leases,
    DYNAMODB_LEASES_TABLE_NAME (leases); and the streaming destination by which the changes of DYNAMODB_TABLE_NAME get there. Make the
    tables first: what was written before is not in the stream, and `ecshop reconcile --repair` finds it.
    Where TRANSPORT is kinesis, it is the stream PUBLISHED_STREAM_NAME (ec-published) instead, and no destination: who publishes fills it.
    """
    with extra("kinesis"):
        from entrypoints.cli.stream import create_stream as make

    make(load_settings(), shards, as_json=as_json)


@main.group(short_help="Make the Kafka topic.")
def topics() -> None:
    """Care for the Kafka topic that the settings name."""


@topics.command("create", short_help="Make the topic where it is missing.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@sentences
def create_topic(as_json: bool) -> None:  # noqa: FBT001 - a flag of the command line
    """Make the topic where it is missing, and leave one that is there as it is.

    It is KAFKA_TOPIC (ec-events), with KAFKA_PARTITIONS (4), at KAFKA_BOOTSTRAP_SERVERS; without that, in the embedded Kafka, whose data is
    in DATA_DIR (.ecshop). A topic with another number of partitions is refused: a stream's next event would go to another one.
    """
    from entrypoints.cli.topics import create_topic as make

    make(load_settings(), as_json=as_json)


@tables.command(short_help="Make the tables that are missing.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@sentences
def create(as_json: bool) -> None:  # noqa: FBT001 - a flag of the command line
    """Make the tables that are missing, and leave those that are there as they are.

    They are DYNAMODB_TABLE_NAME (events), DYNAMODB_SNAPSHOT_TABLE_NAME (snapshots) and DYNAMODB_CLAIMS_TABLE_NAME (claims), in
    DYNAMODB_REGION (ap-northeast-1), at DYNAMODB_ENDPOINT (empty is AWS), with the credentials that every AWS tool uses.
    """
    with extra("dynamodb"):
        from entrypoints.cli.tables import create_tables

    create_tables(load_settings(), as_json=as_json)


for command in (*durable.COMMANDS, *local.COMMANDS, comparison.compare):
    main.add_command(command)
