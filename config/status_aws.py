"""How what a shop has on AWS is: tables, stream, what fills it, who reads it, functions."""

from collections.abc import Iterator

from config import aws_standing
from config.section import Look, Section, section
from config.settings import Settings
from core.projections.mails import NOTIFIER
from core.projections.rows import READ_MODELS

USABLE = frozenset({"ACTIVE", "UPDATING"})

AT_REST = frozenset({"Active", "Inactive"})
"""States of a function that can be called."""

WORKING = frozenset({"Enabled", "Enabling", "Creating", "Updating"})
"""States of what feeds a function."""

PROBLEMS: tuple[type[Exception], ...] = (aws_standing.StoreProblem,)

LEAST_RETENTION = 168
"""Hours: a week, as `ecshop stream create` sets it."""


def looks(settings: Settings) -> list[Look]:
    """Give how each part is looked at."""
    functions_work = settings.workers == "lambda"
    found = [Look("tables", lambda: [_tables(settings)])]
    if settings.carried_by != "kafka":
        found.append(Look("stream", lambda: [_stream(settings)]))
    if settings.delivery == "cdc":
        found.append(Look("destination", lambda: [_destination(settings)]))
    if settings.carried_by != "kafka":
        found.append(Look("shards", lambda: [_shards(settings)], needed=not functions_work))
    return [*found, Look("functions", lambda: _functions(settings), needed=functions_work)]


def _tables(settings: Settings) -> Section:
    found = aws_standing.tables(settings)
    unneeded = {settings.dynamodb_leases_table_name} if settings.workers == "lambda" else set()
    troubles = [
        f"the table {each.name} is {each.status or 'missing'}"
        for each in found
        if each.status not in USABLE and each.name not in unneeded
    ]
    return section("tables", troubles, [each._asdict() for each in found])


def _stream(settings: Settings) -> Section:
    found = aws_standing.stream(settings)
    name = aws_standing.stream_name(settings)
    troubles = [] if found.status in USABLE else [f"the stream {name} is {found.status or 'missing'}"]
    short = f"records are kept for {found.retention_hours} h, and {LEAST_RETENTION} h is what a long outage takes"
    row = {
        "name": name,
        "status": found.status,
        "retention_hours": found.retention_hours,
        "open_shards": found.open_shards,
    }
    return section("stream", troubles, [row], note=short if found.retention_hours < LEAST_RETENTION else "")


def _destination(settings: Settings) -> Section:
    found = aws_standing.destination(settings)
    table, stream = settings.dynamodb_table_name, settings.kinesis_stream_name
    troubles = [] if found.status in USABLE else [f"what carries {table} to {stream} is {found.status or 'missing'}"]
    row = {"table": table, "stream": stream, "status": found.status, "precision": found.precision}
    return section("destination", troubles, [row])


def _shards(settings: Settings) -> Section:
    if settings.workers == "lambda":
        return Section("shards", "note", "functions read the stream, and Lambda keeps how far they are")
    rows, troubles = [], []
    for projector in (READ_MODELS, NOTIFIER):
        for each in aws_standing.shards_as_read(settings, projector):
            rows.append({"projector": projector} | each._asdict() | {"behind_seconds": round(each.behind_seconds, 1)})
            if each.behind_seconds > settings.ready_max_lag:
                reader = f"read by {each.owner}" if each.owner else "read by nobody"
                troubles.append(f"{projector} is {each.behind_seconds:,.0f} s behind in {each.shard}, {reader}")
    return section("shards", troubles, rows)


def _functions(settings: Settings) -> Iterator[Section]:
    from config.functions import functions

    found = functions(settings)
    troubles = [f"the function {each.name} is {each.state}" for each in found if each.state not in AT_REST]
    missing = f"no function's name begins with {settings.lambda_name_prefix} (LAMBDA_NAME_PREFIX)"
    if not found and settings.workers == "lambda":
        troubles.append(missing)
    rows = [{name: value for name, value in each._asdict().items() if name != "mappings"} for each in found]
    yield section("functions", troubles, rows, note="" if found else missing)
    fed = [(function.name, each) for function in found for each in function.mappings]
    troubles = [
        f"what feeds {name} from {each.source} is {each.state}" for name, each in fed if each.state not in WORKING
    ]
    troubles += [
        f"{name} failed on its last batch from {each.source}: {each.last_result}"
        for name, each in fed
        if each.last_result.startswith(("PROBLEM", "FAILED"))
    ]
    if fed:
        yield section("mappings", troubles, [{"function": name} | each._asdict() for name, each in fed])
