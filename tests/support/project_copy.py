"""The project's own make, where it can install and break nothing."""

import shutil
from pathlib import Path

from tests.support.running_shop import ECSHOP

ROOT = Path(__file__).parents[2]


def project_copy(folder: Path) -> Path:
    """Give a copy, installed already as far as make can see: a test must not install anew what other tests run on."""
    shutil.copy(ROOT / "Makefile", folder)
    for name in ("requirements.lock", "pyproject.toml"):
        (folder / name).touch()
    (folder / ".venv" / "bin").mkdir(parents=True)
    (folder / ".venv" / "bin" / "ecshop").symlink_to(ECSHOP)
    for name in (".locked", ".installed"):
        (folder / ".venv" / name).touch()
    return folder
