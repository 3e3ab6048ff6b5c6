"""Audit every package of the lock for known vulnerabilities: `audit.py requirements.lock`.

pip-audit answers "no known vulnerabilities" also for packages that it could not look up. So what was audited is
counted here against what is locked. Exit status: 1 for a vulnerability, 0 for a clean or a skipped audit, and
the last line says which of the two it was, and why.
"""

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

# The lock is universal: another platform's packages are audited too, so a requirement's marker is left out.
PIN = re.compile(r"^([A-Za-z0-9._-]+==[^\s;\\]+)", re.MULTILINE)
PATIENCE = 300  # seconds


class AuditUnavailableError(Exception):
    """pip-audit gave no answer that can be counted; the message is the reason."""


def locked(lock: Path) -> list[str]:
    """Return the pins of `lock`, as `name==version`."""
    return PIN.findall(lock.read_text(encoding="utf-8"))


def audit(pins: list[str]) -> list[dict[str, Any]]:
    """Return pip-audit's entry for each of the pins: `name`, and `vulns` or else `skip_reason`.

    Raises:
        AuditUnavailableError: there was no report, for example because the service cannot be reached.
    """
    with tempfile.TemporaryDirectory() as folder:
        requirements = Path(folder) / "requirements.txt"
        requirements.write_text("\n".join(pins) + "\n", encoding="utf-8")
        command = [sys.executable, "-m", "pip_audit", "--requirement", str(requirements), "--no-deps", "--disable-pip"]
        command += ["--format", "json", "--desc", "off", "--progress-spinner", "off"]
        try:
            run = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
        except subprocess.TimeoutExpired as error:
            message = f"no answer within {PATIENCE} s"
            raise AuditUnavailableError(message) from error
    try:
        entries: list[dict[str, Any]] = json.loads(run.stdout)["dependencies"]
    except (ValueError, KeyError, TypeError) as error:
        raise AuditUnavailableError(reason_in(run.stderr)) from error
    return entries


def reason_in(stderr: str) -> str:
    """Return the last line that pip-audit said, without addresses."""
    lines = [line for line in stderr.splitlines() if line.strip() and not line.startswith("WARNING")]
    last = lines[-1].strip() if lines else "pip-audit said nothing"
    if "http" in last.lower():  # an address, or an exception that carries one: its kind is enough
        return f"the vulnerability service cannot be reached ({last.partition(':')[0].rpartition('.')[2]})"
    return last


def main(lock: Path) -> int:
    """Audit, print, and return the exit status."""
    pins = locked(lock)
    if not pins:
        print(f"dependency audit: {lock} locks no package")
        return 1
    reasons: set[str] = set()
    audited: list[dict[str, Any]] = []
    try:
        # One first: where the service refuses, it is not asked a hundred times for the same no.
        for batch in (pins[:1], pins[1:]):
            answers = audit(batch) if batch and not reasons else []
            audited += [answer for answer in answers if "skip_reason" not in answer]
            # A reason names its package; without the name, equal reasons are one.
            reasons |= {
                'the service said "' + re.sub(r":\s.*$", "", answer["skip_reason"]) + '"'
                for answer in answers
                if "skip_reason" in answer
            }
    except AuditUnavailableError as error:
        reasons.add(str(error))

    vulnerable = [(entry, found) for entry in audited for found in entry["vulns"]]
    for entry, found in vulnerable:
        fixed = ", ".join(found["fix_versions"]) or "no version yet"
        print(f"{entry['name']} {entry['version']}: {found['id']}, fixed in {fixed}")

    count = f"dependency audit: {len(audited)} of {len(pins)} locked packages audited"
    if vulnerable:
        print(f"{count}; known vulnerabilities: {len(vulnerable)}")
        return 1
    if len(audited) < len(pins):
        print(f"{count}: skipped, because {'; '.join(sorted(reasons)) or 'pip-audit left packages out'}")
        return 0
    print(f"{count}, none has a known vulnerability")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
