"""Event stores that are wrong about lost answers and repeated commits."""

from tests.contract.mutants.mutant import Mutant

_MODULE = "adapters.inmemory.event_store"

ANSWERS = (
    Mutant(
        "does not look for itself before it writes",
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
        "looks for no winner after the last try",
        _MODULE,
        "                self._refuse_taken_claims(commit)\n                self._refuse_stale_decisions(commit)\n",
        "                pass\n",
    ),
    Mutant(
        "looks for no taken claim after the last try",
        _MODULE,
        "                self._refuse_taken_claims(commit)\n",
        "",
    ),
    Mutant(
        "tells a stale version before a taken claim after the last try",
        _MODULE,
        "                self._refuse_taken_claims(commit)\n                self._refuse_stale_decisions(commit)\n",
        "                self._refuse_stale_decisions(commit)\n                self._refuse_taken_claims(commit)\n",
    ),
    Mutant(
        "judges releases alone after a lost try",
        _MODULE,
        "                if lost and not commit.leaves_a_trace:",
        "                if False:",
    ),
    Mutant(
        "judges releases alone after the last try",
        _MODULE,
        "            if commit.leaves_a_trace:",
        "            if True:",
    ),
    Mutant(
        "doubts releases alone before anything was lost",
        _MODULE,
        "                if lost and not commit.leaves_a_trace:",
        "                if not commit.leaves_a_trace:",
    ),
    Mutant(
        "takes an unproved outcome for a success",
        _MODULE,
        "\n        raise OutcomeUnknown(commit)",
        "\n        return Committed(commit.id, commit.positions)",
    ),
    Mutant(
        "takes any event at its place for its own, where it writes several streams",
        _MODULE,
        "            if len(events) > append.expected_version and events[append.expected_version].commit_id == commit.id:",
        "            if len(events) > append.expected_version and len(commit.appends) > 1:",
    ),
    Mutant(
        "proves a commit by the newest events of its streams",
        _MODULE,
        "            if len(events) > append.expected_version and events[append.expected_version].commit_id == commit.id:",
        "            if events and events[-1].commit_id == commit.id:",
    ),
    Mutant(
        "proves a commit by the newest event of its only stream",
        _MODULE,
        "            if len(events) > append.expected_version and events[append.expected_version].commit_id == commit.id:",
        "            if events and events[-1].commit_id == commit.id and len(commit.appends) == 1:",
    ),
    Mutant(
        "does not know its own events where it claims something",
        _MODULE,
        "        for append in commit.appends:\n            events = self._streams.get(append.stream, ())",
        "        for append in () if commit.claims else commit.appends:\n            events = self._streams.get(append.stream, ())",
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
