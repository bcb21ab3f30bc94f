"""Servers as processes of their own, and the calls that are made to them over HTTP."""

import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from socket import socket
from tempfile import TemporaryDirectory
from typing import Any, Final

import aiohttp

from benchmarks.load import Call
from tests.processes import process_environment

_START_SECONDS: Final = 120.0
_CLAIM: Final = {
    "full_name": "NGUYỄN THỊ MINH NGỌC",
    "id_number": "100190000001",
    "birth_date": "1990-07-30",
}
LOOKUP: Final = {"procedure_code": "1.004194"} | _CLAIM
_CASE: Final = {"procedure_code": "1.004194", "channel": "in_person", "applicant": _CLAIM}


@dataclass(frozen=True, slots=True)
class Server:
    """A server that answers, its process, and how long it took until it did."""

    address: str
    process_id: int
    start_seconds: float

    @property
    def resident_megabytes(self) -> float:
        """Memory that the process, or the largest of its workers, has now."""
        return resident_megabytes(self.process_id)


def resident_megabytes(process_id: int) -> float:
    """Tell how much memory a process, or the largest of its children, has now (Linux).

    Raises:
        OSError: there is no such process.
    """
    children = Path(f"/proc/{process_id}/task/{process_id}/children").read_text().split()
    statuses = (Path(f"/proc/{process}/status").read_text() for process in (process_id, *children))
    sizes = (line.split()[1] for text in statuses for line in text.splitlines() if line.startswith("VmRSS"))
    return max(map(int, sizes), default=0) / 1024


def soap_settings(npd_url: str) -> dict[str, object]:
    """Name the settings to ask a register that checks nothing."""
    return {
        "npd_profile": "ndxp-soap",
        "npd_url": npd_url,
        "npd_username": "benchmark",
        "npd_secret": "benchmark",
    }


@contextmanager
def running_service(
    npd_url: str | None = None,
    *,
    database_url: str | None = None,
    program: str = "app.cli",
    **settings: object,
) -> Iterator[Server]:
    """Run the service; without a register's address over the mock, without a database's on a new SQLite."""
    with TemporaryDirectory(prefix="motcua-benchmark-") as folder:
        chosen = {
            "database_url": database_url or f"sqlite:///{folder}/service.db",
            "key_file": f"{folder}/keys.json",
            **settings,
        }
        if npd_url is not None:
            chosen |= soap_settings(npd_url)
        with _running([program, "serve"], chosen, ready="/health/ready") as server:
            yield server


@contextmanager
def running_app(name: str, **settings: object) -> Iterator[Server]:
    """Run a script of this folder on the server that the service runs on too."""
    with _running(["uvicorn", f"{name}:app", "--loop", "uvloop", "--no-access-log"], settings) as server:
        yield server


@contextmanager
def _running(module: list[str], settings: dict[str, object], *, ready: str = "/") -> Iterator[Server]:
    with socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    # Load is what budgets are there to stop.
    chosen = {"port": port, "public_url": address, "budgets": "off", "shutdown_notice_seconds": 0} | settings
    variables = process_environment(**chosen) | {"UVICORN_PORT": str(port)}
    with TemporaryDirectory(prefix="motcua-benchmark-") as folder:
        with (Path(folder) / "server.log").open("wb") as log:
            began = time.perf_counter()
            process = subprocess.Popen(  # noqa: S603 - our own modules
                [sys.executable, "-m", *module], env=variables, stdout=log, stderr=log
            )
        try:
            _wait_until_ready(process, f"{address}{ready}")
            yield Server(address, process.pid, time.perf_counter() - began)
        finally:
            process.terminate()
            process.wait()


def _wait_until_ready(process: subprocess.Popen[bytes], url: str) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(url, timeout=2):  # noqa: S310 - our own http address
                return
        except urllib.error.HTTPError as error:
            if error.code == HTTPStatus.NOT_FOUND:
                return
            time.sleep(0.02)
        except (urllib.error.URLError, OSError):
            time.sleep(0.02)
    raise RuntimeError("the server did not start")


@asynccontextmanager
async def verification(address: str, *, trust: ssl.SSLContext | None = None) -> AsyncIterator[Call]:
    """Give the call that verifies one person as an officer of the sandbox, and must hear a yes."""
    async with _logged_in(address, trust) as session:

        async def verify() -> None:
            answer = await _post(session, f"{address}/verify/id-card", LOOKUP, HTTPStatus.OK)
            if answer["result"] != "exists":
                raise RuntimeError("the service did not confirm the person")

        yield verify


@asynccontextmanager
async def registration(address: str, *, trust: ssl.SSLContext | None = None) -> AsyncIterator[Call]:
    """Give the call that registers a case, and must hear its number."""
    async with _logged_in(address, trust) as session:

        async def register() -> None:
            answer = await _post(session, f"{address}/cases", _CASE, HTTPStatus.CREATED)
            if not answer["receipt_number"]:
                raise RuntimeError("the case has no number")

        yield register


@asynccontextmanager
async def bare_verification(address: str) -> AsyncIterator[Call]:
    """Give the call to a script that asks for no token."""
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:

        async def verify() -> None:
            await _post(session, f"{address}/verify/id-card", LOOKUP, HTTPStatus.OK)

        yield verify


@asynccontextmanager
async def _logged_in(address: str, trust: ssl.SSLContext | None) -> AsyncIterator[aiohttp.ClientSession]:
    connector = aiohttp.TCPConnector(limit=0, ssl=trust or True)
    async with aiohttp.ClientSession(connector=connector) as session:
        form = {"grant_type": "password", "username": "receiver", "password": "sandbox"}
        async with session.post(f"{address}/auth/token", data=form) as answer:
            answer.raise_for_status()
            session.headers["Authorization"] = f"Bearer {(await answer.json())['access_token']}"
        yield session


async def _post(session: aiohttp.ClientSession, url: str, body: object, status: int) -> Any:  # noqa: ANN401 - JSON
    async with session.post(url, json=body) as answer:
        if answer.status != status:
            raise RuntimeError(f"{url} answered {answer.status}")
        return await answer.json()
