"""Runs the real `motcua serve` as its own processes, on a free port of the loopback."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

START_TIMEOUT_SECONDS = 120.0


def process_environment(**settings: object) -> dict[str, str]:
    """Give what the machine sets for every program, and of `MOTCUA_*` these settings alone."""
    others = {name: value for name, value in os.environ.items() if not name.startswith("MOTCUA_")}
    return others | {f"MOTCUA_{name.upper()}": str(value) for name, value in settings.items()}


def motcua(*arguments: object, said: str | None = None, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run a command of `motcua` with these settings and no others of the machine's; `said` is its input."""
    return subprocess.run(
        [sys.executable, "-m", "app.cli", *map(str, arguments)],
        env=process_environment(**settings),
        capture_output=True,
        text=True,
        input=said,
        timeout=60,
        check=False,
    )


def free_port() -> int:
    """Ask the system for a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class Service:
    """One running service: its address and the process group that it lives in."""

    base_url: str
    process: subprocess.Popen[bytes]
    log: Path = field(repr=False)

    def kill(self) -> None:
        """End it as a power cut would: no handler of it runs."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(10)

    def stop(self) -> None:
        """End it as an operator would; one that does not end has to say where each of its threads was."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)
            try:
                self.process.wait(60)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGABRT)
                self.process.wait(10)
                raise AssertionError(f"the service did not end:\n{self.log.read_text()[-12_000:]}") from None

    def workers(self) -> list[int]:
        """Name the processes that serve; the one that watches them has a helper of its own beside them."""
        watching = self.process.pid
        children = Path(f"/proc/{watching}/task/{watching}/children").read_text().split()
        commands = {child: Path(f"/proc/{child}/cmdline") for child in children}
        return [
            int(child)
            for child, command in commands.items()
            if command.exists() and b"spawn_main" in command.read_bytes()
        ]

    def figure(self, name: str) -> float:
        """Read one figure; 0 if it is not there, or nobody answers."""
        try:
            # A connection for each, so that either worker may answer.
            text = httpx.get(f"{self.base_url}/metrics", timeout=10).raise_for_status().text
        except httpx.TransportError:
            return 0
        lines = (line.rpartition(" ") for line in text.splitlines())
        return sum(float(value) for found, _, value in lines if found.startswith(name))

    def token(self, username: str, password: str = "sandbox") -> str:  # noqa: S107 - everybody knows it
        """Log a sandbox officer in."""
        form = {"grant_type": "password", "username": username, "password": password}
        answer = httpx.post(f"{self.base_url}/auth/token", data=form, timeout=30)
        answer.raise_for_status()
        token: str = answer.json()["access_token"]
        return token


@dataclass(frozen=True)
class Program:
    """What serves, if it is not this code's `motcua serve` on a free port."""

    command: tuple[str, ...] = ("app.cli", "serve")
    """A module and its arguments."""

    release: Path | None = None
    """Folder with another state of the code."""

    port: int | None = None


_SERVE = Program()


@contextmanager
def running_service(
    database_url: str, folder: Path, program: Program = _SERVE, /, **settings: str
) -> Iterator[Service]:
    """Start the service on a database, wait until it is ready, and stop it at the end."""
    port = program.port or free_port()
    base_url = f"http://127.0.0.1:{port}"
    chosen = {
        "database_url": database_url,
        "key_file": folder / "keys.json",
        "port": port,
        "public_url": base_url,
        # What is tried with real processes is load, which budgets are there to stop.
        "budgets": "off",
        # No balancer asks whether it is ready.
        "shutdown_notice_seconds": 0,
        **settings,
    }
    log = folder / f"service-{port}.log"
    # One that is started again on its port goes on in its log.
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", *program.command],
            cwd=program.release,
            # For `Service.stop`: an abort writes the stacks of all threads.
            env=process_environment(**chosen) | {"PYTHONFAULTHANDLER": "1"},
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    service = Service(base_url, process, log)
    try:
        _wait_until_ready(service)
        yield service
    finally:
        service.stop()


def _wait_until_ready(service: Service) -> None:
    deadline = time.monotonic() + START_TIMEOUT_SECONDS
    while time.monotonic() < deadline:
        if service.process.poll() is not None:
            break
        try:
            if httpx.get(f"{service.base_url}/health/ready", timeout=2).status_code == httpx.codes.OK:
                return
        except httpx.TransportError:
            time.sleep(0.05)
    raise AssertionError(f"the service did not start:\n{service.log.read_text()[-4000:]}")
