"""Which extras of this package are installed, as the package itself says what each needs."""

import re
from collections import defaultdict
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, requires, version

from config.diagnosis import NOTE, OK, WRONG, Finding
from config.settings import Settings

OF_AN_EXTRA = re.compile(r"""([A-Za-z0-9._-]+)[^;]*;.*\bextra == ['"](\w+)['"]""")


def extras(settings: Settings) -> Iterator[Finding]:
    """Look at each extra. One that the settings pick and that is missing is wrong; any other is worth knowing."""
    packages = defaultdict[str, list[str]](list)
    for requirement in requires("ecshop") or []:
        if found := OF_AN_EXTRA.match(requirement):
            packages[found[2]].append(found[1])
    for extra, needed in packages.items():
        there = {name: _version(name) for name in needed}
        if missing := [name for name, installed in there.items() if installed is None]:
            said = f"{', '.join(missing)} not installed: in the project's folder, run pip install '.[{extra}]'"
            yield Finding(f"extra {extra}", WRONG if extra in _picked(settings) else NOTE, said)
        else:
            yield Finding(f"extra {extra}", OK, ", ".join(f"{name} {installed}" for name, installed in there.items()))


def _picked(settings: Settings) -> set[str]:
    picked = {"cli"}
    if settings.store == "dynamodb":
        picked |= {"dynamodb", "kinesis"}
    if settings.carried_by == "kafka":
        picked |= {"kafka"} if settings.kafka_bootstrap_servers else {"kafka", "local"}
    if settings.store != "memory":
        picked |= {"postgres"} if settings.database_url else {"postgres", "embedded"}
    return picked | {"smtp"} if settings.smtp_host else picked


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
