"""Broken feeds through Kinesis, by the suite that rejects each."""

from tests.contract.mutants.mutant import Mutant

KINESIS: dict[str, tuple[Mutant, ...]] = {}
