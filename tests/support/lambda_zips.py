"""The zips of the functions, built for the Python and processor of this machine, as emulators run them."""

import subprocess
import sys
from pathlib import Path

from config.functions import zip_name

BUILD = Path(__file__).parents[2] / "infra" / "lambdas" / "build.py"


def build_zips(into: Path, *functions: str) -> None:
    """Build the zips of these functions into a folder, by the command that builds those for AWS."""
    here = f"{sys.version_info.major}.{sys.version_info.minor}"
    zips = [zip_name(name) for name in functions]
    command = [sys.executable, str(BUILD), "--python", here, "--into", str(into), "--only", *zips]
    built = subprocess.run(command, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr
