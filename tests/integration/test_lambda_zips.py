"""The zips of the functions: built twice they are the same, they hold all that a function imports, and both processors get the same."""

import hashlib
import json
import platform
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.support.lambda_zips import ROOT, build_zips

HERE = f"{sys.version_info.major}.{sys.version_info.minor}"
"""The Python of this machine: only what was built for it can be imported here."""

AARCH64 = 183
"""The machine of an ELF file. Source: the ELF header's e_machine, EM_AARCH64."""

FUNCTIONS = ("projector", "notifier", "sweeper", "api")


@pytest.fixture(scope="module")
def zips(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Give the zips of both processors."""
    into = tmp_path_factory.mktemp("zips")
    return build_zips(into, *(f"{name}-{processor}" for name in FUNCTIONS for processor in ("x86_64", "arm64")))


def entries(archive: Path) -> dict[str, zipfile.ZipInfo]:
    """List what is in a zip."""
    with zipfile.ZipFile(archive) as opened:
        return {entry.filename: entry for entry in opened.infolist()}


def test_a_zip_that_is_built_again_elsewhere_is_the_same(zips: dict[str, Path], tmp_path: Path) -> None:
    elsewhere = tmp_path / "another folder"
    # What is hidden is no source; among it are data and sockets of a shop that runs here.
    shutil.copytree(ROOT, elsewhere, ignore=shutil.ignore_patterns(".*", "tests", "build", "__pycache__"))
    twice = ("projector-x86_64", "projector-arm64")

    again = build_zips(tmp_path / "zips", *twice, root=elsewhere)

    for name in twice:
        digests = [hashlib.sha256(each[name].read_bytes()).hexdigest() for each in (zips, again)]
        assert digests[0] == digests[1]


def test_every_zip_may_be_uploaded(zips: dict[str, Path]) -> None:
    assert {name: path.stat().st_size for name, path in zips.items() if path.stat().st_size > 50_000_000} == {}


@pytest.mark.skipif(platform.machine() != "x86_64", reason="the wheels are for x86_64")
@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_imports_from_its_own_zip_alone(zips: dict[str, Path], tmp_path: Path, name: str) -> None:
    with zipfile.ZipFile(zips[f"{name}-x86_64"]) as opened:
        opened.extractall(tmp_path)
    # Isolated: neither this environment's packages nor a user's; and not loaded by the first batch, but by the first gap or mail.
    script = f"""
import sys
sys.path[:] = [{str(tmp_path)!r}, *(each for each in sys.path if "site-packages" not in each)]
from entrypoints.lambdas.{name} import handler
import boto3, json, psycopg
clients = [boto3.client(each, "ap-northeast-1", aws_access_key_id="k", aws_secret_access_key="s") for each in ("dynamodb", "kinesis")]
print(json.dumps([handler.__module__, psycopg.__file__, boto3.__file__, psycopg.pq.__impl__]))
"""
    done = subprocess.run([sys.executable, "-I", "-c", script], capture_output=True, text=True, env={}, check=False)

    assert done.returncode == 0, done.stderr
    module, *files, implementation = json.loads(done.stdout)
    assert module == f"entrypoints.lambdas.{name}"
    assert all(file.startswith(str(tmp_path)) for file in files)
    assert implementation == "binary"


def plain(archive: Path) -> set[str]:
    """Name the files that no processor decides."""
    return {name for name in entries(archive) if ".so" not in name and "dist-info" not in name}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_both_processors_get_the_same_files(zips: dict[str, Path], name: str) -> None:
    x86, arm = zips[f"{name}-x86_64"], zips[f"{name}-arm64"]

    assert plain(x86) == plain(arm)
    modules = [{file.split(".")[0] for file in entries(each) if file.endswith(".so")} for each in (x86, arm)]
    assert modules[0] == modules[1]
    assert len(modules[0]) > 5


@pytest.mark.parametrize("name", FUNCTIONS)
def test_what_is_compiled_for_arm_is_for_arm(zips: dict[str, Path], name: str) -> None:
    with zipfile.ZipFile(zips[f"{name}-arm64"]) as opened:
        machines = {
            file: int.from_bytes(opened.read(file)[18:20], "little")
            for file in opened.namelist()
            if ".so" in Path(file).name
        }

    assert len(machines) > 5
    assert {file: machine for file, machine in machines.items() if machine != AARCH64} == {}


def test_no_zip_tells_who_built_it(zips: dict[str, Path]) -> None:
    for archive in zips.values():
        with zipfile.ZipFile(archive) as opened:
            for entry in opened.infolist():
                assert entry.date_time == (1980, 1, 1, 0, 0, 0)
                if not entry.filename.endswith(".so"):
                    assert str(ROOT).encode() not in opened.read(entry), entry.filename
