"""The terraform of this machine, and its AWS provider, on copies of the stack."""

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

import pytest

from tests.support.terraform_source import FOLDER

TERRAFORM = os.environ.get("TERRAFORM") or shutil.which("terraform")
KNOWS_CALLS_THROUGH_URLS = (6, 29)
"""The first provider that can tell AWS of them, as `versions.tf` asks."""

WHERE_PROVIDERS_LIE = (
    *Path("/opt").glob("*/registry.terraform.io"),
    *(
        Path(folder).expanduser() / "registry.terraform.io"
        for folder in ("~/.terraform.d/plugins", "/usr/local/share/terraform/plugins", "/usr/share/terraform/plugins")
    ),
)
"""Folders that terraform itself looks into without a registry, and those that an owner put beside the system."""


def plugins() -> Path | None:
    """Find the folder of providers that holds hashicorp/aws: that of TF_PLUGIN_DIR, or one of this machine."""
    given = os.environ.get("TF_PLUGIN_DIR")
    folders = [Path(given)] if given else [each.parent for each in WHERE_PROVIDERS_LIE]
    return next((each for each in folders if provider_versions(each)), None)


def provider_versions(folder: Path) -> list[tuple[int, ...]]:
    """Give the versions of the AWS provider in a folder, the newest last."""
    names = (each.name for each in folder.glob("registry.terraform.io/hashicorp/aws/*"))
    return sorted(tuple(map(int, name.split("."))) for name in names if re.fullmatch(r"\d+(\.\d+)+", name))


NONE: Mapping[str, str] = MappingProxyType({})
PLUGINS = plugins() if TERRAFORM else None

needs_terraform = pytest.mark.skipif(TERRAFORM is None, reason="terraform is not installed here")
needs_provider = pytest.mark.skipif(
    PLUGINS is None,
    reason="needs terraform, and in TF_PLUGIN_DIR the provider hashicorp/aws: the sources are tested in tests/unit/infra",
)


def terraform(
    folder: Path,
    *arguments: str,
    variables: Mapping[str, str] = NONE,
    tell: Callable[[str], object] = len,
) -> str:
    """Run terraform in a folder; give what it prints, and tell each line as it comes.

    Raises:
        AssertionError: it ended with another status than 0.
    """
    quiet = {"TF_IN_AUTOMATION": "1", "CHECKPOINT_DISABLE": "1", "TF_CLI_CONFIG_FILE": os.devnull}
    said = []
    with subprocess.Popen(
        [str(TERRAFORM), *arguments],
        cwd=folder,
        env={name: value for name, value in os.environ.items() if not name.startswith("TF_")} | quiet | dict(variables),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as running:
        for line in running.stdout or ():
            said.append(line)
            tell(line.rstrip("\n"))
    assert running.returncode == 0, "".join(said)
    return "".join(said)


def copy_of_the_stack(root: Path) -> Path:
    """Copy the stack, as it lies in a project, and have terraform begin there with the provider of this machine.

    A provider older than the stack asks for does not know one argument of it: there the copy is without that.
    """
    assert PLUGINS is not None
    copy = root / "infra" / "terraform"
    shutil.copytree(FOLDER, copy, ignore=shutil.ignore_patterns(".terraform*", "*.tfstate*", "backend.tf"))
    newest = provider_versions(PLUGINS)[-1]
    if newest < KNOWS_CALLS_THROUGH_URLS:
        _change(copy / "versions.tf", r'version = "~> [\d.]+"', f'version = "{".".join(map(str, newest))}"')
        _change(copy / "api.tf", r" *invoked_via_function_url += true\n", "")
    terraform(copy, "init", "-input=false", "-no-color", f"-plugin-dir={PLUGINS}")
    return copy


def _change(source: Path, pattern: str, to: str) -> None:
    text, times = re.subn(pattern, to, source.read_text(encoding="utf-8"))
    assert times == 1
    source.write_text(text, encoding="utf-8")
