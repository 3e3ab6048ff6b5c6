"""As many records as Lambda hands in at once; it takes seconds, so it stands apart from the tests of batches."""

from core.domain.inventory import StockAdded
from entrypoints.lambdas.batches import CHUNK
from tests.support.commits import AT
from tests.unit.delivery.scene import Scene
from tests.unit.lambdas.test_batches import changes_of, invoke


def test_the_largest_batch_is_applied_in_many_transactions() -> None:
    scene = Scene()
    streams = [f"s-{number:03}" for number in range(100)]
    for stream in streams:
        scene.write(stream, *[StockAdded(stream, 1, AT)] * 100)
    scene.projections.batches_left = 10_000 // CHUNK

    assert invoke(scene, [each for stream in streams for each in changes_of(scene, stream)]) is None

    assert [scene.total(stream) for stream in streams] == [100] * 100
