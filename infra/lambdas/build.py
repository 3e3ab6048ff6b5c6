"""Build the zips of the Lambda functions: the same bytes from the same files and lock, in whatever folder (one zlib compresses as another).

Usage: build.py [--python 3.13] [--into build/lambdas] [--only projector-x86_64]
"""

import argparse
import hashlib
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
UV = Path(sys.executable).with_name("uv")
UV_SETTINGS = ("--quiet", "--no-config", "--system-certs")

FUNCTIONS = {
    "projector": ("dynamodb", "postgres"),
    "notifier": ("dynamodb", "postgres", "smtp"),
    "sweeper": ("dynamodb", "postgres", "smtp"),
    "api": ("dynamodb", "postgres", "smtp", "http", "lambda"),
}
"""The extras of pyproject.toml that each function needs."""

# Wheels that run where Lambda does: Amazon Linux 2023 has glibc 2.34, and psycopg's wheel for ARM wants 2.27 (so not Amazon Linux 2).
PLATFORMS = {"x86_64": "x86_64-manylinux_2_28", "arm64": "aarch64-manylinux_2_28"}

LARGEST = 50 * 1000 * 1000
"""Bytes of a zip that may be uploaded directly.

Source: "Lambda quotas" in the AWS Lambda developer guide.
"""

OURS = ("core", "adapters", "config", "entrypoints")

# What installing leaves behind and no function needs; some of it names the machine that built it.
LEFT_OUT = ("bin", "__pycache__", "RECORD", "INSTALLER", "REQUESTED", "direct_url.json", "uv_cache.json", ".lock")

SERVICES = ("dynamodb", "kinesis", "s3", "sso", "sso-oidc", "sts")
"""What botocore may be asked for, credentials included. It describes 400 services: two thirds of a zip, and of its way to a cold start."""

BEGINNING = (1980, 1, 1, 0, 0, 0)
"""The time of every entry: the earliest that a zip can tell."""


def build(name: str, architecture: str, python: str, archive: Path) -> Path:
    """Build one zip, at this path; give it back.

    Raises:
        SystemExit: a package cannot be had, or the zip is too large for Lambda.
    """
    with tempfile.TemporaryDirectory(prefix="ecshop-lambda-") as folder:
        content = Path(folder) / "content"
        _install(FUNCTIONS[name], PLATFORMS[architecture], python, Path(folder) / "pins.txt", content)
        for package in OURS:
            shutil.copytree(ROOT / package, content / package)
        _zip(content, archive)
    if archive.stat().st_size > LARGEST:
        raise SystemExit(f"{archive.name} is {archive.stat().st_size:,} bytes; Lambda takes {LARGEST:,}.")
    return archive


def _install(extras: Sequence[str], platform: str, python: str, pins: Path, content: Path) -> None:
    """Have what the lock pins for these extras, as wheels of the platform."""
    target = ("--python-platform", platform, "--python-version", python)
    chosen = [word for extra in extras for word in ("--extra", extra)]
    _uv(
        *("pip", "compile", *UV_SETTINGS, *target, *chosen, "--constraints", str(ROOT / "requirements.lock")),
        *("--generate-hashes", "--no-emit-index-url", "--output-file", str(pins), str(ROOT / "pyproject.toml")),
    )
    _uv(
        *("pip", "install", *UV_SETTINGS, *target, "--target", str(content), "--only-binary", ":all:"),
        *("--require-hashes", "--no-deps", "--requirement", str(pins)),
    )


def _uv(*arguments: str) -> None:
    done = subprocess.run(
        [UV, *arguments], cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"uv {' '.join(arguments[:2])} failed:\n{done.stderr}")


def _zip(content: Path, archive: Path) -> None:
    """Put the files in, sorted, all of one time and readable by everybody."""
    archive.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as into:
        for path in _files(content):
            entry = zipfile.ZipInfo(path.relative_to(content).as_posix(), BEGINNING)
            entry.external_attr = (0o100755 if path.suffix == ".so" else 0o100644) << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            into.writestr(entry, path.read_bytes())


def _files(content: Path) -> Iterator[Path]:
    for path in sorted(content.rglob("*")):
        parts = path.relative_to(content).parts
        if path.is_file() and not any(part in LEFT_OUT for part in parts) and not _is_of_another_service(parts):
            yield path


def _is_of_another_service(parts: Sequence[str]) -> bool:
    return (
        parts[:2] == ("botocore", "data")
        and len(parts) > len(("botocore", "data", "file"))
        and parts[2] not in SERVICES
    )


def main() -> None:
    """Build all zips, or one."""
    names = [f"{name}-{architecture}" for name in FUNCTIONS for architecture in PLATFORMS]
    parser = argparse.ArgumentParser(description="Build the zips of the Lambda functions.")
    parser.add_argument("--python", default="3.13", help="the Python of the runtime (default: 3.13)")
    parser.add_argument(
        "--into", type=Path, default=ROOT / "build" / "lambdas", help="the folder (default: build/lambdas)"
    )
    parser.add_argument(
        "--only", choices=names, nargs="+", default=names, metavar="NAME", help=f"some of {', '.join(names)}"
    )
    chosen = parser.parse_args()
    built: dict[tuple[tuple[str, ...], str], Path] = {}
    for number, each in enumerate(chosen.only, 1):
        name, _, architecture = each.partition("-")
        alike = built.get((FUNCTIONS[name], architecture))
        archive = chosen.into / f"{each}.zip"
        if alike:  # functions of the same extras differ in nothing but the handler that they name
            shutil.copyfile(alike, archive)
        else:
            built[FUNCTIONS[name], architecture] = build(name, architecture, chosen.python, archive)
        digest = hashlib.sha256(archive.read_bytes()).hexdigest()
        print(
            f"{number}/{len(chosen.only)}  {archive.name:<22} {archive.stat().st_size / 1e6:5.1f} MB  sha256 {digest}",
            flush=True,
        )


if __name__ == "__main__":
    main()
