"""Measure what each part of a lookup costs our own process, in microseconds of CPU time.

    python -m benchmarks.lookup_cost

The application is called in this process, without a socket, 64 requests at once; from line to line the
lookup becomes more of the real one. `--profile` prints where the time of the last line goes, by function.
Takes a minute.
"""

import argparse
import asyncio
import cProfile
import json
import os
import pstats
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import httpx
import uvloop
from fastapi import FastAPI

from app.db.engine import Database
from app.db.migrate import migrate
from app.keys.key_file import Keys
from app.keys.sealing import Sealer
from app.logs import configure_logs
from app.main import create_app
from app.sandbox.load import load_sandbox
from app.settings.settings import Settings
from benchmarks import floor
from benchmarks.lean_upstream import running_upstream
from benchmarks.served import LOOKUP, soap_settings
from tests.databases import PostgresCopies, make_postgres_folder, running_postgres

CALLERS: Final = 64
ROUNDS: Final = 3
LOOKUPS: Final = 3_000

Send = Callable[[], Awaitable[int]]


def sender(app: FastAPI, method: str, path: str, body: bytes, headers: dict[str, str]) -> Send:
    """Give a function that sends one request to the application and returns the answer's status."""
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
    }

    async def send() -> int:
        statuses: list[int] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": body, "more_body": False}

        async def answer(message: Any) -> None:  # noqa: ANN401 - a message of ASGI
            if message["type"] == "http.response.start":
                statuses.append(message["status"])

        await app({**scope, "state": {}}, receive, answer)
        return statuses[0]

    return send


async def microseconds(send: Send) -> float:
    """Take the CPU time of a request; the best of the rounds."""
    best = float("inf")
    for _ in range(ROUNDS):
        began = time.process_time()

        async def caller() -> None:
            for _ in range(LOOKUPS // CALLERS):
                if await send() != 200:  # noqa: PLR2004 - OK
                    raise RuntimeError("the service refused")

        await asyncio.gather(*(caller() for _ in range(CALLERS)))
        best = min(best, (time.process_time() - began) / (LOOKUPS // CALLERS * CALLERS))
    return best * 1e6


@asynccontextmanager
async def opened_service(settings: dict[str, object]) -> AsyncIterator[tuple[FastAPI, dict[str, str]]]:
    """Give the whole service over a new database, and the headers of an officer who may look."""
    with TemporaryDirectory(prefix="motcua-benchmark-") as folder:
        chosen = Settings.model_validate(
            {
                "database_url": f"sqlite:///{folder}/service.db",
                "key_file": Path(folder) / "keys.json",
                # Load is what budgets are there to stop.
                "budgets": "off",
            }
            | settings
        )
        keys = Keys.generate()
        keys.write(chosen.key_file)
        await asyncio.to_thread(migrate, chosen.database_url)
        database = Database(chosen.database_url)
        await load_sandbox(database, Sealer(keys))
        await database.close()
        app = create_app(chosen)
        async with app.router.lifespan_context(app):
            transport = httpx.ASGITransport(app)
            async with httpx.AsyncClient(transport=transport, base_url="http://benchmark") as client:
                form = {"grant_type": "password", "username": "receiver", "password": "sandbox"}
                token = (await client.post("/auth/token", data=form)).json()["access_token"]
            yield app, {"authorization": f"Bearer {token}", "content-type": "application/json"}


async def measure(steps: dict[str, dict[str, object]], *, is_profiled: bool) -> None:
    """Write a line for each step."""
    body = json.dumps(LOOKUP).encode()
    plain = {"content-type": "application/json"}
    tell(
        "floor: FastAPI with the same models",
        await microseconds(sender(floor.app, "POST", "/verify/id-card", body, plain)),
    )
    async with opened_service({}) as (app, headers):
        status = sender(app, "GET", "/verify/status", b"", headers)
        tell("a request without a lookup: token, limits, log line", await microseconds(status))
    for name, settings in steps.items():
        async with opened_service(settings) as (app, headers):
            send = sender(app, "POST", "/verify/id-card", body, headers)
            tell(name, await microseconds(send))
            if is_profiled and name == list(steps)[-1]:
                with cProfile.Profile() as profile:
                    await microseconds(send)
                pstats.Stats(profile, stream=sys.stdout).sort_stats("tottime").print_stats(60)


def tell(name: str, cost: float) -> None:
    """Write a line."""
    sys.stdout.write(f"{name}: {cost:.0f} µs\n")
    sys.stdout.flush()


def main() -> None:
    """Start what is needed and measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--profile", action="store_true")
    arguments = parser.parse_args()
    make_postgres_folder()
    with (
        open(os.devnull, "w", encoding="utf-8") as nowhere,  # noqa: PTH123 - a device, not a path
        running_postgres() as server_url,
        running_upstream() as upstream,
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
    ):
        configure_logs(stream=nowhere)
        postgres = PostgresCopies(server_url)
        names = [postgres.create(), postgres.create()]
        first, second = (postgres.url_of(name) for name in names)
        steps: dict[str, dict[str, object]] = {
            "service over SQLite and the mock": {},
            "service over PostgreSQL and the mock": {"database_url": first},
            "service over PostgreSQL and SOAP": {"database_url": second} | soap_settings(f"{upstream}/0"),
        }
        try:
            runner.run(measure(steps, is_profiled=arguments.profile))
        finally:
            for name in names:
                postgres.drop(name)


if __name__ == "__main__":
    main()
