"""Which designs go with which stores and transports: as `docs/delivery.md` says, and nothing else."""

import re
from itertools import product
from pathlib import Path

import pytest
from pydantic import ValidationError

from config.delivery import feed_name
from config.designs import CARRIES
from config.settings import Settings, WrongSetting, load_settings

DOCUMENT = (Path(__file__).parents[3] / "docs" / "delivery.md").read_text(encoding="utf-8")
SECTION = DOCUMENT.partition("\n## Designs\n")[2].partition("\n### ")[0]
REASONS = dict(re.findall(r"^(\d)\. (.+)$", SECTION, re.MULTILINE))
DELIVERIES, TRANSPORTS = ("cdc", "dual-write", "outbox"), ("", "memory", "kafka", "kinesis")


@pytest.fixture(autouse=True)
def nothing_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forget what this process was started with."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)


def cells() -> dict[tuple[str, str, str], str]:
    """Give what the document says of each design, store and transport; the last one is empty where none is set."""
    rows = [
        [cell.strip(" `") for cell in line.strip("|").split("|")]
        for line in SECTION.splitlines()
        if line.startswith("| `") and not line.startswith("| `DELIVERY")
    ]
    return {
        (delivery, store, transport): cell
        for delivery, store, *told in rows
        for transport, cell in zip(TRANSPORTS, told, strict=True)
    }


def test_the_document_has_a_word_for_every_combination() -> None:
    assert set(cells()) == set(product(DELIVERIES, CARRIES, TRANSPORTS))


@pytest.mark.parametrize("combination", list(product(DELIVERIES, CARRIES, TRANSPORTS)), ids="-".join)
def test_settings_take_what_the_document_says_and_refuse_the_rest_for_its_reason(
    combination: tuple[str, str, str],
) -> None:
    delivery, store, transport = combination
    told = cells()[combination]

    def load() -> Settings:
        return load_settings(delivery=delivery, store=store, transport=transport or None)

    if number := re.fullmatch(r"refused \((\d)\)", told):
        with pytest.raises(WrongSetting, match=re.escape(REASONS[number[1]]) + r"\.$"):
            load()
    elif delivery == "cdc":
        assert told == "works"
        assert load().carried_by is None
    else:
        assert load().carried_by == (transport or told)
        assert told == ("works" if transport else CARRIES[load().store][0])


@pytest.mark.parametrize("delivery", ["dual-write", "outbox"])
def test_functions_go_with_the_changes_of_the_table_alone(delivery: str) -> None:
    with pytest.raises(WrongSetting, match=r"WORKERS must not be lambda unless DELIVERY is cdc"):
        load_settings(delivery=delivery, store="dynamodb", workers="lambda")


@pytest.mark.parametrize("wrong", [{"delivery": "cdc2"}, {"transport": "rabbit", "delivery": "outbox"}])
def test_an_unknown_design_is_named(wrong: dict[str, str]) -> None:
    with pytest.raises(WrongSetting, match=r"^(DELIVERY|TRANSPORT): .*not '(cdc2|rabbit)'\.$"):
        load_settings(**wrong)


def test_what_is_published_has_a_stream_of_its_own() -> None:
    with pytest.raises(WrongSetting, match=r"PUBLISHED_STREAM_NAME and KINESIS_STREAM_NAME must name two streams"):
        load_settings(kinesis_stream_name="ec-published")


def test_every_feed_has_its_name() -> None:
    names = set()
    for delivery, store, transport in product(DELIVERIES, CARRIES, TRANSPORTS):
        try:
            settings = Settings(delivery=delivery, store=store, transport=transport or None)
        except ValidationError:
            continue
        names.add(feed_name(settings))

    assert names == {
        *("memory", "postgres", "kinesis ec-events"),
        *("a topic in memory", "kafka ec-events", "kinesis ec-published"),
    }
