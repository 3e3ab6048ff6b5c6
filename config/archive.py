"""An archive of change records, for the rebuild from it."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

from adapters.kinesis.archive import Archive
from adapters.kinesis.archive_files import ArchivedRecord, ArchiveProblem, records_in_folder
from config.read_side import StoreProblem
from config.shop import Shop
from core.delivery.consumer import Consumer
from core.delivery.rebuild import Rebuild
from core.projections.rows import FOLDS

__all__ = ["Archive", "ArchiveProblem", "open_archive", "rebuild_from", "records_at"]


def records_at(shop: Shop, place: str) -> Iterator[ArchivedRecord]:
    """Give the records of a folder, or of what lies in S3 below `s3://bucket/prefix`.

    Raises:
        ArchiveProblem: one sentence that names the place.
    """
    if not place.startswith("s3://"):
        return records_in_folder(Path(place))
    from adapters.aws.client import AWSProblem
    from adapters.kinesis.archive_s3 import records_in_s3, s3_client

    address = urlsplit(place)
    if not address.netloc:
        raise ArchiveProblem(f"{place!r} names no bucket: write s3://bucket/prefix.")
    try:
        client = s3_client(shop.settings().dynamodb_region, shop.settings().s3_endpoint)
    except AWSProblem as problem:
        raise ArchiveProblem(str(problem)) from None
    return records_in_s3(client, address.netloc, address.path.lstrip("/"), shop.environment())


@contextmanager
def open_archive(shop: Shop) -> Iterator[Archive]:
    """Give an empty archive for the records of the shop's events table, on the disk while inside."""
    with TemporaryDirectory(prefix="ecshop-archive-") as folder:
        archive = Archive(Path(folder) / "records", shop.settings().dynamodb_table_name, shop.codec())
        with closing(archive):
            yield archive


def rebuild_from(shop: Shop, archive: Archive) -> Rebuild:
    """Give the rebuild of the read models that replays the archive, and reconciles with the store as any other does."""
    role = shop.read_models
    if shop.settings().store != "dynamodb":
        raise StoreProblem("An archive is one of DynamoDB's changes: set STORE=dynamodb.")
    consumer = Consumer(archive, role.projections(), role.folds(), shop.environment())
    return Rebuild(archive, role.projections(), consumer, role.reconcile(), FOLDS)
