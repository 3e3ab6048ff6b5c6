"""The sums of docs/aws.md are done again from its own tables."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.support.terraform_source import local_values, resources, sources

TEXT = (Path(__file__).parents[3] / "docs" / "aws.md").read_text(encoding="utf-8")
COST = TEXT.partition("\n## Cost\n")[2].partition("\n## ")[0]
LOADS = ("small", "medium", "large")
CENT = Decimal("0.01")
OUR_METRICS = ("LagSeconds", "Healed", "Parked", "ParkedStreams", "ReconcileDifferences", "BatchSize", "DurationMs")


def table(heading: str) -> dict[str, dict[str, str]]:
    """Give the rows of the table with this first heading, by their first cell."""
    lines = COST[COST.index(f"\n| {heading} |") + 1 :].partition("\n\n")[0].splitlines()
    head, _, *rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return {row[0]: dict(zip(head, row, strict=True)) for row in rows}


def number(cell: str) -> Decimal:
    return Decimal(cell.replace(",", ""))


PRICES, USES, LOAD = table("price"), table("cost"), table("load")
ITEMS = {name: row for name, row in USES.items() if name != "all"}


def cost(row: dict[str, str], load: str) -> Decimal:
    """Give what a row costs under a load, to the cent."""
    orders, shards = number(LOAD["orders a month"][load]), number(LOAD["shards"][load])
    units = number(row["an order"]) * orders + number(row["a month"]) + number(row["a shard and month"]) * shards
    return (number(PRICES[row["by the price"]]["USD"]) * units).quantize(CENT)


@pytest.mark.parametrize("load", LOADS)
@pytest.mark.parametrize("item", ITEMS)
def test_a_cost_is_its_price_times_what_is_used(item: str, load: str) -> None:
    assert abs(number(USES[item][load]) - cost(USES[item], load)) <= CENT


@pytest.mark.parametrize("load", LOADS)
def test_all_is_the_sum(load: str) -> None:
    assert number(USES["all"][load]) == sum(number(row[load]) for row in ITEMS.values())


def test_every_price_is_used_and_says_where_it_is_from() -> None:
    assert {row["by the price"] for row in ITEMS.values()} == PRICES.keys()
    assert {row["source"] for row in PRICES.values()} == {"A", "B", "C"}
    assert all(f"{source}: " in COST for source in "ABC")


def test_the_alarms_that_are_paid_are_those_that_there_are() -> None:
    values = local_values()
    many = {f"${{local.{name}}}": len(values[name]) for name in ("functions", "projectors", "tables")}
    many |= {"${local.consumers}": 2, '${toset(["GSI1", "GSI2"])}': 2}
    alarms = [alarm for alarm in resources("aws_cloudwatch_metric_alarm").values() if "count" not in alarm]

    def metrics(alarm: dict[str, Any]) -> int:
        return sum("metric" in query for query in alarm.get("metric_query", [])) or 1

    paid = sum(metrics(alarm) * many.get(alarm.get("for_each", ""), 1) for alarm in alarms)
    assert paid == number(USES["Alarms"]["a month"])
    assert number(USES["Metrics"]["a month"]) == len(values["projectors"]) * len(OUR_METRICS)


def test_the_dashboard_shows_each_metric_of_ours() -> None:
    graphs = str(local_values()["graphs"])

    assert [metric for metric in OUR_METRICS if f'"{metric}"' not in graphs] == []


def test_the_shards_cost_what_the_stack_makes_them_keep() -> None:
    assert resources("aws_kinesis_stream", sources())["events"]["retention_period"] == 168
    assert any("168 h" in price for price in PRICES)
