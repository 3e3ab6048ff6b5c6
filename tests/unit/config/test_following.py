"""A shop whose projectors are switched to another feed: what was repaired is told in streams, and how to switch in a sentence."""

import pytest

from config.following import PROJECTORS, follow_feed
from config.read_side import StoreProblem
from config.settings import load_settings
from config.shop import Shop
from core.application.executor import Context
from core.application.products import CreateProduct


@pytest.fixture
def shop() -> Shop:
    """Give a shop in memory with a product and its stock, whose projectors followed another feed and missed both."""
    shop = Shop(settings=load_settings())
    for role in (shop.read_models, shop.notifier):
        role.projections().keep_feed("another")
    shop.commands().run(CreateProduct("tea", "煎茶", "", 1_080, 1), Context())
    return shop


def test_a_stream_that_two_projectors_missed_is_one_stream(shop: Shop) -> None:
    assert len(PROJECTORS) == 2
    assert follow_feed(shop, switch=True) == len(list(shop.event_store().heads())) == 2


def test_without_the_switch_the_sentence_says_how(shop: Shop) -> None:
    with pytest.raises(StoreProblem, match=r"'another' and would now follow 'memory': stop .* --switch-feed, .*\.$"):
        follow_feed(shop)
