"""The `motcua` command finds each of its commands, and imports no more than that one needs."""

import subprocess
import sys

import click
import pytest

from app.cli import COMMANDS, main

SERVERS_OWN = {"app.composition.service", "app.main", "aiohttp", "fastapi", "httpx", "lxml", "uvicorn"}
"""What answers requests and asks the register takes longest to import."""


def imported_by(name: str) -> set[str]:
    code = (
        f"import sys, click; from app.cli import main; main.get_command(click.Context(main), '{name}')\n"
        "print(*sys.modules)"
    )
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    return set(done.stdout.split())


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_is_where_it_is_looked_for(name: str) -> None:
    command = main.get_command(click.Context(main), name)
    assert command is not None
    assert (command.name, bool(command.help)) == (name, True)


@pytest.mark.parametrize("name", ["agency", "audit", "backup", "calendar", "keys", "migrate", "officer"])
def test_a_command_for_operators_imports_no_server(name: str) -> None:
    assert not imported_by(name) & SERVERS_OWN


def test_the_version_needs_no_command() -> None:
    assert not {module for module in imported_by("none of them") if module.startswith("app.commands.")}
