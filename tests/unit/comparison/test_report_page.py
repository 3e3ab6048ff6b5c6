"""The page stands alone, cannot be written into by names, and hides nothing."""

import re
from html.parser import HTMLParser

from entrypoints.comparison.comparing import ALL_CELLS
from entrypoints.comparison.report.html import page
from tests.unit.comparison.report_data import Data, a_run, cell

HOSTILE = '<script>alert("x")</script>&\'"><img src=//evil.example onerror=1>'
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}


class Tree(HTMLParser):
    """Holds a page to it that every element is closed where it should be, and notes all attributes and texts."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def read(html: str) -> Tree:
    tree = Tree()
    tree.feed(html)
    tree.close()
    assert tree.open == []
    return tree


def words(html: str) -> str:
    return " ".join(" ".join(read(html).texts).split())


def losing(data: Data) -> None:
    steps = [
        {"ms": 1911, "who": "api 1", "what": "stores the order"},
        {"ms": 60000, "who": "read model", "what": "never hears of it"},
    ]
    data["lost_order"] = {"seed": 17, "design": "dual-write", "consumer": "naive", "steps": steps}


def test_the_page_is_whole_and_every_picture_is_told_in_words() -> None:
    tree = read(page(a_run(losing)))

    assert {"table", "caption", "svg", "title", "main", "h1"} <= set(tree.tags)
    assert tree.tags.count("h1") == 1
    assert ("lang", "en") in tree.attributes
    labels = [value for name, value in tree.attributes if name == "aria-label"]
    pictures = [value for name, value in tree.attributes if (name, value) == ("role", "img")]
    assert len([label for label in labels if len(label) > 20]) >= len(pictures) > 10


def test_the_page_needs_no_network_and_no_script() -> None:
    html = page(a_run(losing))
    tree = read(html)

    assert not {"script", "link", "img", "iframe", "object", "embed", "base", "form"} & set(tree.tags)
    assert not {"src", "href", "srcset", "action", "xlink:href"} & {name for name, _value in tree.attributes}
    assert re.findall(r"https?:|//[a-z]|url\(|@import", html) == []


def test_hostile_names_are_text() -> None:
    def change(data: Data) -> None:
        cell(data, "publish-first").update(design=HOSTILE, consumer=HOSTILE)
        losing(data)
        data["lost_order"]["steps"][0].update(who=HOSTILE, what=HOSTILE)
        data["faults"] = {HOSTILE: 3}
        data["broken"] = [{"design": HOSTILE, "consumer": HOSTILE, "figure": HOSTILE, "value": 4}]
        data["unfired"] = [{"design": HOSTILE, "consumer": HOSTILE, "faults": [HOSTILE]}]
        data.update(void=True, command=HOSTILE)

    html = page(a_run(change), HOSTILE)
    tree = read(html)

    assert not {"script", "img"} & set(tree.tags)
    assert "onerror" not in {name for name, _value in tree.attributes}
    assert sum(HOSTILE in text for text in tree.texts) > 10


def test_a_void_run_names_what_never_fired() -> None:
    unfired = [{"design": "cdc", "consumer": "doorbell+reconcile", "faults": ["shard.throttled"]}]
    said = words(page(a_run(lambda data: data.update(void=True, unfired=unfired))))

    assert "VOID: this run proves nothing" in said
    assert "shard.throttled (cdc with doorbell+reconcile)" in said
    assert "VOID" not in words(page(a_run()))


def test_a_zero_that_did_not_hold_is_loud() -> None:
    def change(data: Data) -> None:
        cell(data, "cdc")["lost"] = 5
        data["broken"] = [{"design": "cdc", "consumer": "doorbell+reconcile", "figure": "lost", "value": 5}]

    html = page(a_run(change))

    assert "BROKEN: events lost must be 0 under cdc with doorbell+reconcile, and is 5." in words(html)
    assert '<dd class="broken">5</dd>' in html
    assert "broke what it must keep" in html
    assert '<dd class="broken">' not in page(a_run())


def test_a_lost_order_is_drawn_step_by_step_where_there_is_one() -> None:
    said = words(page(a_run(losing)))

    assert "1.911 s api 1 stores the order" in said
    assert "60.000 s read model never hears of it" in said
    assert "How one order is lost" not in words(page(a_run()))


def test_a_fault_that_was_wished_for_and_never_fired_is_listed() -> None:
    html = page(a_run(lambda data: data.update(faults={"ack.late": 3}, rates={"ack.late": 0.1, "fold.bug": 0.01})))

    assert "fold.bug a fold raises on one event, until it is fixed never 0.01" in words(html)


def test_a_run_without_a_single_schedule_done_is_a_page_too() -> None:
    said = words(page(a_run(lambda data: data.update(cells=[], faults={}, interrupted=True))))

    assert "0 schedules of the 50 asked for" in said
    assert "Interrupted" in said


def test_all_cells_have_their_place() -> None:
    def change(data: Data) -> None:
        sample = data["cells"][0]
        data["cells"] = [sample | {"design": design, "consumer": consumer} for design, consumer in ALL_CELLS]

    said = page(a_run(change))

    assert said.count('<span class="consumer">') == len(ALL_CELLS)
