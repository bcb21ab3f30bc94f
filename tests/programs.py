"""Programs of the system for tests, in the foreground with the shipped configuration, ended by their ids."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tests.unit.house.source_files import ROOT

SHIPPED: Final = ROOT / "deploy" / "cluster"
_PATH: Final = f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin"
_START_SECONDS: Final = 30.0
_STOP_SECONDS: Final = 20.0


def user() -> str:
    """Name the user that the database runs as: it refuses root."""
    return "postgres" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name


def give(path: Path) -> Path:
    """Give a file or folder to that user, and to nobody else."""
    if os.geteuid() == 0:
        shutil.chown(path, user(), pwd.getpwnam(user()).pw_gid)
    path.chmod(0o700 if path.is_dir() else 0o600)
    return path


def write_edited(name: str, target: Path, edits: Mapping[str, str]) -> Path:
    """Write a shipped file with values where an operator edits it; each must be in it."""
    text = (SHIPPED / name).read_text(encoding="utf-8")
    for shipped, edited in edits.items():
        if shipped not in text:
            raise ValueError(f"{name} has no {shipped}")
        text = text.replace(shipped, edited)
    target.write_text(text, encoding="utf-8")
    return give(target)


def is_listening(port: int) -> bool:
    """Whether anybody takes connections there."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def wait_until(condition: Callable[[], bool], *, seconds: float, what: str) -> None:
    """Wait for something that is to come.

    Raises:
        TimeoutError: it did not come.
    """
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what} did not come within {seconds:g} s")
        time.sleep(0.1)


@dataclass
class Program:
    """A program with its arguments; what it says goes to `log`."""

    command: list[str]
    log: Path
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    @property
    def is_running(self) -> bool:
        """Whether it was started and has not ended."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start it, as the database's user."""
        found = shutil.which(self.command[0], path=_PATH)
        if found is None:
            raise FileNotFoundError(
                f"{self.command[0]} is missing: `make proxies` or `make cluster-programs` installs it"
            )
        with self.log.open("ab") as output:
            self._process = subprocess.Popen(
                [found, *self.command[1:]],
                user=user() if os.geteuid() == 0 else None,
                group=pwd.getpwnam(user()).pw_gid if os.geteuid() == 0 else None,
                extra_groups=[] if os.geteuid() == 0 else None,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd="/",
                start_new_session=True,
                env={"PATH": _PATH, "LC_ALL": "C.UTF-8"},
            )

    def send(self, number: signal.Signals) -> None:
        """Send a signal to it and to what it started in its group."""
        if self._process is not None and self.is_running:
            os.killpg(self._process.pid, number)

    def kill(self) -> None:
        """End it as a power cut would."""
        if self._process is not None:
            self.send(signal.SIGKILL)
            self._process.wait(_STOP_SECONDS)

    def stop(self) -> None:
        """End it as an operator would."""
        if self._process is not None and self.is_running:
            self._process.terminate()
            try:
                self._process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.kill()


@contextmanager
def running(command: list[str], log: Path, *, port: int) -> Iterator[Program]:
    """Start a program, wait until it listens, and stop it at the end."""
    program = Program(command, log)
    program.start()
    try:
        wait_until(
            lambda: is_listening(port) or not program.is_running, seconds=_START_SECONDS, what=command[0]
        )
        if not program.is_running:
            raise ChildProcessError(f"{command[0]} ended: {log.read_text()[-2000:]}")
        yield program
    finally:
        program.stop()
