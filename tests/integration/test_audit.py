"""The dependency audit counts what was audited, and never calls clean what was not looked at."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

AUDIT = Path(__file__).parents[2] / ".ci" / "audit.py"
LOCK = "first==1.0 \\\n    --hash=sha256:00\nsecond==2.0 ; sys_platform == 'win32' \\\n    --hash=sha256:00\n"

SERVICE = """
import json, sys
pins = [line.split("==") for line in open(sys.argv[sys.argv.index("--requirement") + 1]).read().split()]
entries = [{"name": name, "version": version, "vulns": []} for name, version in pins]
"""
ANSWER = "print(json.dumps({'dependencies': entries}))\n"
CLEAN = SERVICE + ANSWER
VULNERABLE = f"""{SERVICE}
for entry in entries:
    if entry["name"] == "second":
        entry["vulns"] = [{{"id": "VULN-1", "fix_versions": ["2.1"]}}]
{ANSWER}
sys.exit(1)
"""
KNOWS_ONE = f"""{SERVICE}
entries = [
    entry if entry["name"] == "first" else {{"name": entry["name"], "skip_reason": "not found: second (2.0)"}}
    for entry in entries
]
{ANSWER}"""
SILENT_ABOUT_ONE = f"{SERVICE}\nentries = [entry for entry in entries if entry['name'] == 'first']\n{ANSWER}"
UNREACHABLE = "raise ConnectionError('https://example.test/api refuses')"


def audited(folder: Path, tool: str, lock: str = LOCK) -> tuple[int, list[str]]:
    """Audit a lock with this in the place of pip-audit; give the exit status and the lines."""
    (folder / "pip_audit.py").write_text(tool)
    (folder / "lock").write_text(lock)
    environment = os.environ | {"PYTHONPATH": str(folder)}
    command = [sys.executable, str(AUDIT), str(folder / "lock")]
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
    return ended.returncode, ended.stdout.splitlines()


@pytest.mark.parametrize(
    ("tool", "status", "last"),
    [
        (CLEAN, 0, "2 of 2 locked packages audited, none has a known vulnerability"),
        (VULNERABLE, 1, "2 of 2 locked packages audited; known vulnerabilities: 1"),
        (KNOWS_ONE, 0, '1 of 2 locked packages audited: skipped, because the service said "not found"'),
        (SILENT_ABOUT_ONE, 0, "1 of 2 locked packages audited: skipped, because pip-audit left packages out"),
        (
            UNREACHABLE,
            0,
            "0 of 2 locked packages audited: skipped, because the vulnerability service cannot be reached (ConnectionError)",
        ),
        ("", 0, "0 of 2 locked packages audited: skipped, because pip-audit said nothing"),
    ],
    ids=["clean", "vulnerable", "one unknown", "one missing", "unreachable", "no answer"],
)
def test_the_last_line_says_how_many_were_audited_and_why_not_all(
    tmp_path: Path, tool: str, status: int, last: str
) -> None:
    ended, lines = audited(tmp_path, tool)

    assert (ended, lines[-1]) == (status, f"dependency audit: {last}")
    assert not any("//" in line for line in lines)


def test_a_vulnerability_is_named_with_the_version_that_mends_it(tmp_path: Path) -> None:
    assert audited(tmp_path, VULNERABLE)[1][0] == "second 2.0: VULN-1, fixed in 2.1"


def test_a_lock_without_packages_is_no_clean_lock(tmp_path: Path) -> None:
    status, (line,) = audited(tmp_path, CLEAN, lock="# nothing\n")

    assert status == 1
    assert line.endswith("locks no package")
