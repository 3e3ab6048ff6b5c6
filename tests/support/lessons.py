"""The shell's part of a document, as a reader would type it."""

import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).parents[2]
LESSONS = ROOT / "docs" / "lessons"
BASH = shutil.which("bash")


def blocks(document: Path, language: str = r"\w*") -> list[str]:
    """Give what stands between fences of this language; of any, without one."""
    return re.findall(
        rf"^```(?:{language})\n(.*?)^```$", document.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE
    )


def commands(block: str) -> list[str]:
    """Give the lines of a block without the comments, which are in the reader's language."""
    lines = [re.sub(r"(^|\s+)# .*$", "", line) for line in block.splitlines()]
    return [line for line in lines if line]


def headings(document: Path) -> list[int]:
    """Give the level of each heading."""
    text = re.sub(r"^```.*?^```$", "", document.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    return [len(marks) for marks in re.findall(r"^(#+) ", text, re.MULTILINE)]


def run_lesson(name: str, here: Mapping[str, str], environment: Mapping[str, str]) -> str:
    """Run all of a lesson's commands in one shell, with these words replaced, and give what they print.

    A word of the lesson that is to be replaced has to be there. The first command that fails ends the lesson, save what is piped on.
    """
    script = "\n".join(blocks(LESSONS / name, "sh"))
    for in_the_lesson, instead in here.items():
        assert in_the_lesson in script
        script = script.replace(in_the_lesson, instead)
    ended = subprocess.run(
        [str(BASH), "-c", f"set -eu\ntrap 'kill $(jobs -p) 2>/dev/null || true' EXIT\n{script}"],
        cwd=ROOT,
        env=dict(environment),
        capture_output=True,
        text=True,
        timeout=480,
        check=False,
    )
    assert ended.returncode == 0, f"{ended.stdout}\n{ended.stderr}"
    return ended.stdout
