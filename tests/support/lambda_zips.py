"""The zips of the functions, built for the Python of this machine by the command that builds those for AWS."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def build_zips(into: Path, *names: str, root: Path = ROOT) -> dict[str, Path]:
    """Build the zips of these names, such as `api-x86_64`, into a folder, from the sources below `root`."""
    here = f"{sys.version_info.major}.{sys.version_info.minor}"
    script = root / "infra" / "lambdas" / "build.py"
    command = [sys.executable, str(script), "--python", here, "--into", str(into), "--only", *names]
    built = subprocess.run(command, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr
    return {name: into / f"{name}.zip" for name in names}
