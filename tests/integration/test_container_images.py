"""What the images install: no container runs here, but each of their commands finds packages that fit together."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
UV = str(Path(sys.executable).with_name("uv"))
INSTALLS = re.findall(r"&& uv pip install --no-cache --python (/opt/(\w+)/bin/python) (.+)", DOCKERFILE) + re.findall(
    r"RUN uv pip install --no-cache --python (/opt/(\w+)/bin/python) (.+)", DOCKERFILE
)


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    """Give a folder with what the stages copy into theirs."""
    for names, to in re.findall(r"^COPY (?!--)(.+) (\S+)$", DOCKERFILE, re.MULTILINE):
        for name in names.split():
            path = ROOT / name
            if path.is_dir():
                shutil.copytree(path, tmp_path / to, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(path, tmp_path / to)
    return tmp_path


@pytest.mark.parametrize(("python", "image", "what"), INSTALLS, ids=[image for _, image, _ in INSTALLS])
def test_an_image_finds_packages_that_fit_together(sources: Path, python: str, image: str, what: str) -> None:
    environment = str(sources / image)
    subprocess.run([UV, "venv", "--quiet", "--python", sys.executable, environment], check=True)
    arguments = [argument.strip("'") for argument in what.split()]
    command = [UV, "pip", "install", "--dry-run", "--python", python.replace(f"/opt/{image}", environment), *arguments]

    done = subprocess.run(command, cwd=sources, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    assert re.search(r"Would install \d+ packages", done.stderr), done.stderr


def test_both_images_are_looked_at() -> None:
    assert {image for _, image, _ in INSTALLS} == {"emulator", "shop"}
