"""`motcua npd-simulator` as a command: its settings, its people, its end."""

import os
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from app.settings.settings import load_settings
from tests.processes import free_port, process_environment
from tests.simulators import running_simulator

PROFILES = ["ndxp-soap", "lgsp-soap", "lgsp-json"]


def command(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "app.cli", "npd-simulator", *arguments],
        env=process_environment() | variables,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("profile", PROFILES)
def test_the_settings_that_it_prints_are_settings_of_the_service(profile: str) -> None:
    printed = command("--profile", profile, "--port", "9345", "--print-settings")
    assert (printed.returncode, printed.stderr) == (0, "")
    environment = {}
    for line in printed.stdout.splitlines():
        export, assignment = shlex.split(line)
        assert export == "export"
        name, _, value = assignment.partition("=")
        environment[name] = value
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        settings = load_settings(environment)
    assert settings.npd_profile == profile
    assert str(settings.npd_url).startswith("http://127.0.0.1:9345/")


def test_a_command_beside_it_gets_the_settings_and_ends_it() -> None:
    script = "import os, sys; sys.exit(7 if os.environ['MOTCUA_NPD_PROFILE'] == 'lgsp-json' else 1)"
    arguments = ("--profile", "lgsp-json", "--port", str(free_port()), "--", sys.executable, "-c", script)
    assert command(*arguments).returncode == 7


def test_a_command_that_is_not_there_is_named() -> None:
    done = command("--profile", "ndxp-soap", "--port", str(free_port()), "--", "no-such-command")
    assert done.returncode == 2
    assert "no-such-command: No such file" in done.stderr
    assert "Traceback" not in done.stderr


def test_it_ends_in_peace_when_it_is_told_to(tmp_path: Path) -> None:
    with running_simulator("ndxp-soap", tmp_path) as simulator:
        os.killpg(simulator.process.pid, signal.SIGTERM)
        assert simulator.process.wait(15) == 0
    (log,) = tmp_path.glob("simulator-*.log")
    assert "Traceback" not in log.read_text()


def test_it_can_invent_more_people(tmp_path: Path) -> None:
    with running_simulator("ndxp-soap", tmp_path, "--people", "500", "--seed", "4") as simulator:
        assert simulator.received() == []
    (log,) = tmp_path.glob("simulator-*.log")
    # And the sandbox's own.
    assert "with 531 invented people" in log.read_text()


def test_a_port_that_is_taken_is_an_end_with_the_reason(tmp_path: Path) -> None:
    with running_simulator("ndxp-soap", tmp_path) as simulator:
        port = simulator.base_url.rpartition(":")[2]
        second = command("--profile", "ndxp-soap", "--port", port)
        assert second.returncode == 2
        assert f"motcua: cannot listen on 127.0.0.1:{port}" in second.stderr
        assert "Traceback" not in second.stderr
        assert httpx.get(f"{simulator.base_url}/_control/received", trust_env=False).status_code == 200


@pytest.mark.parametrize(
    "arguments", [(), ("--profile", "soap"), ("--profile", "ndxp-soap", "--port", "0"), ("--people", "0")]
)
def test_options_that_make_no_sense_are_refused(arguments: tuple[str, ...]) -> None:
    refused = command(*arguments)
    assert refused.returncode == 2
    assert "Error" in refused.stderr
