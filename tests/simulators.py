"""Runs the real `motcua npd-simulator` as a process of its own, on a free port of the loopback."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from app.commands.npd_simulator import service_settings
from app.simulator.options import Options, Profile
from tests.processes import START_TIMEOUT_SECONDS, free_port


@dataclass(frozen=True)
class RunningSimulator:
    """One running simulator; `settings` are those of a service that asks it."""

    base_url: str
    settings: dict[str, str]
    process: subprocess.Popen[bytes]

    def received(self) -> list[dict[str, Any]]:
        """List what it received, oldest first."""
        answer = httpx.get(f"{self.base_url}/_control/received", timeout=10, trust_env=False)
        received: list[dict[str, Any]] = answer.raise_for_status().json()
        return received

    def behave(self, **behaviour: Any) -> None:
        """Change how it answers from now on."""
        self._control("PATCH", "behaviour", behaviour)

    def fail(self, *faults: str | None, **script: Any) -> None:
        """Let the next requests fail in these ways, then others as the script says."""
        self._control("PUT", "faults", {"next": list(faults), **script})

    def fail_tokens(self, *faults: str | None) -> None:
        """Let the next requests for a token fail in these ways."""
        self._control("PUT", "token-faults", {"next": list(faults)})

    def expire_tokens(self) -> None:
        """End all tokens now."""
        self._control("POST", "expire-tokens", {})

    def reset(self) -> None:
        """Bring it back to how it began."""
        self._control("POST", "reset", {})

    def stop(self) -> None:
        """End it as an operator would, within the time that its held answers are given."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)
            self.process.wait(15)

    def _control(self, method: str, path: str, content: dict[str, Any]) -> None:
        address = f"{self.base_url}/_control/{path}"
        httpx.request(method, address, json=content, timeout=10, trust_env=False).raise_for_status()


@contextmanager
def running_simulator(
    profile: Profile, folder: Path, *options: str, port: int | None = None
) -> Iterator[RunningSimulator]:
    """Start a simulator, wait until it answers, and stop it at the end."""
    port = port or free_port()
    log = folder / f"simulator-{port}.log"
    command = [sys.executable, "-m", "app.cli", "npd-simulator", "--profile", profile, "--port", str(port)]
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*command, *options], stdout=output, stderr=subprocess.STDOUT, start_new_session=True
        )
    settings = service_settings(Options(profile=profile), host="127.0.0.1", port=port)
    simulator = RunningSimulator(f"http://127.0.0.1:{port}", settings, process)
    try:
        _wait_until_up(simulator, log)
        yield simulator
    finally:
        simulator.stop()


def _wait_until_up(simulator: RunningSimulator, log: Path) -> None:
    deadline = time.monotonic() + START_TIMEOUT_SECONDS
    while simulator.process.poll() is None and time.monotonic() < deadline:
        try:
            simulator.received()
        except httpx.TransportError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError(f"the simulator did not start:\n{log.read_text()[-4000:]}")
