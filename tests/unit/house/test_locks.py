"""The locks against pyproject.toml, without asking any index; `make lock` renews them."""

import re
import tomllib
from typing import Any, Final

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.unit.house.source_files import ROOT

RUNTIME: Final = "requirements.lock"
DEVELOPMENT: Final = "requirements-dev.lock"

_PIN: Final = re.compile(
    r"^(?P<name>[a-z0-9.-]+)(?:\[[a-z0-9,-]+\])?==(?P<version>[^ ;]+)(?: ;(?P<marker>[^\\]+))? \\$"
)
_HASH: Final = re.compile(r"^    --hash=sha256:[0-9a-f]{64}(?: \\)?$")


def _pins(name: str) -> dict[str, str]:
    """Read the versions that a lock pins; fail where an entry has no hash or a line is of no known form."""
    pins: dict[str, str] = {}
    unhashed: str | None = None
    for line in (ROOT / name).read_text(encoding="utf-8").splitlines():
        if line.lstrip().startswith("#"):
            continue
        pin = _PIN.match(line)
        if pin is None:
            assert _HASH.match(line), f"{name}: {line}"
            unhashed = None
            continue
        assert unhashed is None, f"{name}: {unhashed} has no hash"
        unhashed = pin["name"]
        pins[canonicalize_name(pin["name"])] = pin["version"]
    assert unhashed is None, f"{name}: {unhashed} has no hash"
    return pins


def _project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def _requirements(*groups: str) -> list[Requirement]:
    project = _project()
    lines: list[str] = list(project["project"]["dependencies"])
    for group in groups:
        lines += [line for line in project["dependency-groups"][group] if isinstance(line, str)]
    return [Requirement(line) for line in lines]


@pytest.mark.parametrize(
    ("lock", "groups"),
    [(RUNTIME, ("build",)), (DEVELOPMENT, ("build", "dev"))],
    ids=["runtime", "development"],
)
def test_each_lock_holds_what_the_project_asks_for_in_a_version_that_fits(
    lock: str, groups: tuple[str, ...]
) -> None:
    pins = _pins(lock)
    unmet = [
        str(requirement)
        for requirement in _requirements(*groups)
        if not requirement.specifier.contains(pins.get(canonicalize_name(requirement.name), "0"))
    ]
    assert unmet == []


def test_developers_run_the_versions_that_users_run() -> None:
    assert _pins(RUNTIME).items() <= _pins(DEVELOPMENT).items()


@pytest.mark.parametrize("lock", [RUNTIME, DEVELOPMENT])
def test_nothing_stands_in_a_lock_that_nobody_asks_for(lock: str) -> None:
    # uv writes after each entry who wants it; an entry edited in by hand has no such line.
    text = (ROOT / lock).read_text(encoding="utf-8")
    entries = re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE)[1:]
    assert [entry.partition("==")[0] for entry in entries if "    # via" not in entry] == []


def test_the_build_needs_nothing_that_the_locks_do_not_hold() -> None:
    pins = _pins(RUNTIME)
    required = [Requirement(line) for line in _project()["build-system"]["requires"]]
    assert [str(one) for one in required if not one.specifier.contains(pins.get(one.name, "0"))] == []
