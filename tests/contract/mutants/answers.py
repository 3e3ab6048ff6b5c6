"""Event stores that are wrong about lost answers and repeated commits."""

from tests.contract.mutants.mutant import Mutant

_MODULE = "adapters.inmemory.event_store"

ANSWERS = (
    Mutant(
        "reports a lost acknowledgement as a conflict",
        _MODULE,
        "        if self._is_mine(commit):\n            return\n",
        "",
    ),
    Mutant(
        "does not look a commit up after its last try",
        _MODULE,
        "        return self._settle(commit)",
        "        raise OutcomeUnknown(commit)",
    ),
    Mutant(
        "takes an unproved outcome for a success",
        _MODULE,
        "        raise OutcomeUnknown(commit)",
        "        return Committed(commit.id, commit.positions)",
    ),
    Mutant(
        "reports a success though a foreign commit won",
        _MODULE,
        "            if len(events) > append.expected_version and events[append.expected_version].commit_id == commit.id:",
        "            if len(events) > append.expected_version and len(commit.appends) > 1:",
    ),
    Mutant(
        "proves a commit by the newest event",
        _MODULE,
        "            if len(events) > append.expected_version and events[append.expected_version].commit_id == commit.id:",
        "            if events and events[-1].commit_id == commit.id and len(commit.appends) == 1:",
    ),
    Mutant(
        "does not know its own claims",
        _MODULE,
        "            if claim.key in self._claims and self._claims[claim.key].commit_id == commit.id:\n                return True",
        "            pass",
    ),
    Mutant(
        "gives up at the first lost answer",
        _MODULE,
        "            except AnswerLost:\n                continue",
        "            except AnswerLost as error:\n                raise OutcomeUnknown(commit) from error",
    ),
)
