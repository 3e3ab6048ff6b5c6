"""Event stores that are wrong about claims."""

from tests.contract.mutants.mutant import Mutant

_MODULE = "adapters.inmemory.event_store"

CLAIMS = (
    Mutant(
        "holds the claims of a commit whose version is stale",
        _MODULE,
        "                    self._write(commit, recorded)",
        "                    [self._claims.setdefault(c.key, HeldClaim(c.key, c.owner, '')) for c in commit.claims if isinstance(c, Claim)]"
        " if commit.appends and not self._is_mine(commit) and any(self._version(a.stream) != a.expected_version for a in commit.appends)"
        " else None; self._write(commit, recorded)",
    ),
    Mutant(
        "gives a claim to its owner again",
        _MODULE,
        "            if isinstance(claim, Claim) and self._held(claim.key, commit.created_at):",
        "            if isinstance(claim, Claim) and (held := self._held(claim.key, commit.created_at)) and held.owner != claim.owner:",
    ),
    Mutant(
        "takes claims that others hold",
        _MODULE,
        "        self._refuse_taken_claims(commit)\n        self._refuse_stale_decisions(commit)\n        for",
        "        self._refuse_stale_decisions(commit)\n        for",
    ),
    Mutant(
        "tells a stale version before a taken claim",
        _MODULE,
        "        self._refuse_taken_claims(commit)\n        self._refuse_stale_decisions(commit)\n        for",
        "        self._refuse_stale_decisions(commit)\n        self._refuse_taken_claims(commit)\n        for",
    ),
    Mutant(
        "refuses the first claim only",
        _MODULE,
        "    def _refuse_taken_claims(self, commit: Commit) -> None:\n        for claim in commit.claims:",
        "    def _refuse_taken_claims(self, commit: Commit) -> None:\n        for claim in commit.claims[:1]:",
    ),
    Mutant(
        "releases a claim of another",
        _MODULE,
        "            if held and held.owner != claim.owner:",
        "            if False:",
    ),
    Mutant(
        "releases no expired claim of another",
        _MODULE,
        "            held = self._held(claim.key, commit.created_at)",
        "            held = self._claims.get(claim.key)",
    ),
    Mutant("never releases", _MODULE, "                self._claims.pop(claim.key, None)", "                pass"),
    Mutant(
        "a claim never expires",
        _MODULE,
        "        return held if held and (held.expires_at is None or held.expires_at > at) else None",
        "        return held",
    ),
    Mutant(
        "a claim expires a moment late",
        _MODULE,
        "        return held if held and (held.expires_at is None or held.expires_at > at) else None",
        "        return held if held and (held.expires_at is None or held.expires_at >= at) else None",
    ),
    Mutant(
        "a claim without a time is expired",
        _MODULE,
        "        return held if held and (held.expires_at is None or held.expires_at > at) else None",
        "        return held if held and held.expires_at is not None and held.expires_at > at else None",
    ),
    Mutant(
        "forgets the value of a claim",
        _MODULE,
        "                self._claims[claim.key] = HeldClaim(claim.key, claim.owner, commit.id, claim.value, expires_at)",
        "                self._claims[claim.key] = HeldClaim(claim.key, claim.owner, commit.id, None, expires_at)",
    ),
    Mutant(
        "keeps the fraction of a claim's time",
        _MODULE,
        "                expires_at = whole_seconds(claim.expires_at)",
        "                expires_at = claim.expires_at",
    ),
)
