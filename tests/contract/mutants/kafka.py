"""Broken adapters of Kafka, by the suite that rejects each."""

from tests.contract.mutants.mutant import Mutant

KAFKA: dict[str, tuple[Mutant, ...]] = {}
