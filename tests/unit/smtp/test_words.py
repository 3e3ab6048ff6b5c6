"""Each language has words for all there is to say."""

from typing import get_args

import pytest

from adapters.smtp.words import WORDS
from core.domain.order import Status
from core.ports.mailer import Locale
from core.projections.mails import MAILED


def test_every_language_that_may_be_asked_for_is_there() -> None:
    assert set(WORDS) == set(get_args(Locale))


@pytest.mark.parametrize("locale", get_args(Locale))
def test_a_language_names_every_step_that_is_mailed_and_every_status(locale: Locale) -> None:
    assert set(WORDS[locale].steps) == MAILED
    assert set(WORDS[locale].statuses) == set(get_args(Status)) - {""}
