"""What no store could write is no commit."""

from dataclasses import replace

import pytest

from core.ports.commit import Append, Check, Claim, Commit, Release
from core.ports.events import Metadata
from tests.support.commits import AT, append, commit_of, new_id

pytestmark = pytest.mark.memory

LONE = "\ud83c"
"""Half of a character beyond the first 65,536: no UTF-8."""

S = append("s", 0)


@pytest.mark.parametrize(
    "parts",
    [
        {},
        {"checks": (Check("s", 0),)},
        {"appends": (Append("s", 0, ()),)},
        {"appends": (S, append("s", 1))},
        {"appends": (S,), "checks": (Check("s", 0),)},
        {"appends": (S,), "claims": (Claim("key", "me"), Release("key", "me"))},
        {"appends": (append("", 0),)},
        {"claims": (Claim("", "me"),)},
        {"appends": (append("s", -1),)},
        {"appends": (S,), "checks": (Check("t", -1),)},
        {"appends": (append(LONE, 0),)},
        {"appends": (S,), "checks": (Check(LONE, 0),)},
        {"claims": (Claim(LONE, "me"),)},
        {"claims": (Claim("key", LONE),)},
        {"claims": (Release("key", LONE),)},
        {"claims": (Claim("key", "me", b'"\xff"'),)},
        {"appends": (append("s\0", 0),)},
        {"appends": (S,), "checks": (Check("t\0", 0),)},
        {"claims": (Claim("key\0", "me"),)},
        {"claims": (Release("key", "me\0"),)},
        {"claims": (Claim("key", "me", b'"\0"'),)},
    ],
)
def test_what_no_store_could_write_is_refused(parts: dict[str, tuple[object, ...]]) -> None:
    with pytest.raises(ValueError, match=r".+"):
        Commit(new_id(), AT, **parts)  # type: ignore[arg-type]


@pytest.mark.parametrize("field", ["correlation_id", "causation_id", "command", "actor", "locale"])
def test_metadata_that_is_no_utf_8_is_refused(field: str) -> None:
    with pytest.raises(ValueError, match="surrogates"):
        replace(commit_of(S), metadata=Metadata(**{field: LONE}))


def test_names_metadata_and_values_beyond_ascii_are_taken() -> None:
    commit = Commit(new_id(), AT, (append("煎茶", 0),), claims=(Claim("鍵", "私", '"🍵"'.encode()),))

    assert replace(commit, metadata=Metadata(actor="🍵")).appends == commit.appends
