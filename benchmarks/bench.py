"""Take the speed bars in one run and write them as ratios: `make bench`.

The load generator, the register and PostgreSQL share the machine's cores with the service. Each rate is the
best of several rounds, taken in turns, so that a busy moment does not fall on one setup alone. Writes
benchmarks/results.md.
"""

import asyncio
import os
import platform
import sys
from collections.abc import Callable, Coroutine, Iterator
from contextlib import AbstractAsyncContextManager, AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import uvloop

from benchmarks.lean_upstream import running_upstream
from benchmarks.load import Call, Load, in_flight, paced
from benchmarks.served import (
    Server,
    bare_verification,
    registration,
    running_app,
    running_service,
    soap_settings,
    verification,
)
from tests.databases import PostgresCopies, make_postgres_folder, running_postgres

RESULTS: Final = Path(__file__).with_name("results.md")
CONNECTIONS: Final = 32
MANY: Final = 64
ROUNDS: Final = 3
ROUND_SECONDS: Final = 3.0
DELAY_MS: Final = 50

# Bars that are no ratios.
LEAST_CASES: Final = 300
OWN_P50_MS: Final = 5.0
OWN_P99_MS: Final = 25.0
START_SECONDS: Final = 2.0
MEGABYTES: Final = 120

FLOOR: Final = "floor"
EMBEDDED: Final = "SQLite, mock"
CITY: Final = "PostgreSQL, SOAP"
CITY_TWO: Final = "PostgreSQL, SOAP, two workers"
TEXTBOOK_EMBEDDED: Final = "textbook, SQLite, mock"
TEXTBOOK_CITY: Final = "textbook, PostgreSQL, SOAP"
PROMPT: Final = "64 in flight"
SLOWED: Final = "64 in flight, commits slowed by 5 ms"
CASES: Final = "cases, PostgreSQL"
CASES_EMBEDDED: Final = "cases, SQLite"

Client = Callable[[str], AbstractAsyncContextManager[Call]]


@dataclass(frozen=True, slots=True)
class Setup:
    """A server to run, and how it is called."""

    server: Callable[[], AbstractContextManager[Server]]
    client: Client
    callers: int = CONNECTIONS


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table."""

    what: str
    bar: str
    measured: str
    is_met: bool


@contextmanager
def over_postgres(
    postgres: PostgresCopies, run: Callable[..., Any], *args: object, **settings: object
) -> Iterator[Server]:
    """Run a server on a database of its own."""
    name = postgres.create()
    try:
        with run(*args, database_url=postgres.url_of(name), **settings) as server:
            yield server
    finally:
        postgres.drop(name)


@contextmanager
def textbook_over_sqlite() -> Iterator[Server]:
    """Run the textbook build on a new file."""
    with (
        TemporaryDirectory(prefix="motcua-benchmark-") as folder,
        running_app("benchmarks.textbook", database_url=f"sqlite:///{folder}/textbook.db") as server,
    ):
        yield server


def setups(postgres: PostgresCopies, upstream: str) -> dict[str, Setup]:
    """Name everything whose rate is taken."""

    def city(**settings: object) -> AbstractContextManager[Server]:
        return over_postgres(postgres, running_service, upstream, **settings)

    def textbook_city() -> AbstractContextManager[Server]:
        return over_postgres(postgres, running_app, "benchmarks.textbook", **soap_settings(upstream))

    def mocked(**settings: Any) -> AbstractContextManager[Server]:  # noqa: ANN401 - handed on
        return over_postgres(postgres, running_service, **settings)

    return {
        FLOOR: Setup(lambda: running_app("benchmarks.floor"), bare_verification),
        EMBEDDED: Setup(running_service, verification),
        CITY: Setup(city, verification),
        CITY_TWO: Setup(lambda: city(workers=2), verification),
        TEXTBOOK_EMBEDDED: Setup(textbook_over_sqlite, bare_verification),
        TEXTBOOK_CITY: Setup(textbook_city, bare_verification),
        PROMPT: Setup(mocked, verification, MANY),
        SLOWED: Setup(lambda: mocked(program="benchmarks.slow_commits"), verification, MANY),
        CASES: Setup(mocked, registration),
        CASES_EMBEDDED: Setup(running_service, registration),
    }


def run_loop(measure: Coroutine[Any, Any, Load]) -> Load:
    """Run a measurement on a loop as fast as the service's."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(measure)


async def full(setup: Setup, address: str) -> Load:
    """Keep callers calling: a second to warm up, then a round that counts."""
    async with setup.client(address) as call:
        await in_flight(call, callers=setup.callers, seconds=1.0)
        return await in_flight(call, callers=setup.callers, seconds=ROUND_SECONDS)


async def half(setup: Setup, address: str, *, per_second: float) -> Load:
    """Call at even distances."""
    async with setup.client(address) as call:
        await in_flight(call, callers=setup.callers, seconds=1.0)
        return await paced(call, per_second=per_second, seconds=2 * ROUND_SECONDS)


def take_rates(chosen: dict[str, Setup]) -> dict[str, float]:
    """Take the rate of each setup, round by round; keep the best."""
    best = dict.fromkeys(chosen, 0.0)
    for _ in range(ROUNDS):
        for name, setup in chosen.items():
            with setup.server() as server:
                load = run_loop(full(setup, server.address))
            sys.stderr.write(f"{name}: {load.own_shares(delay_ms=0)}\n")
            best[name] = max(best[name], load.per_second)
    return best


def ratio_rows(rates: dict[str, float]) -> list[Row]:
    """Compare the rates."""

    def row(what: str, above: str, below: str, least: float) -> Row:
        ratio = rates[above] / rates[below]
        told = f"{ratio:.2f} ({rates[above]:.0f}/s against {rates[below]:.0f}/s)"
        return Row(what, f"≥ {least:g}", told, ratio >= least)

    def cases(database: str, name: str) -> Row:
        told = f"{rates[name]:.0f}/s"
        return Row(
            f"`POST /cases`, {database}, one worker", f"≥ {LEAST_CASES}/s", told, rates[name] >= LEAST_CASES
        )

    return [
        row("verify, PostgreSQL and SOAP, one worker: of the floor", CITY, FLOOR, 0.20),
        row("verify, SQLite and mock: of the floor", EMBEDDED, FLOOR, 0.30),
        row("verify, SQLite and mock: times the textbook build", EMBEDDED, TEXTBOOK_EMBEDDED, 6),
        row("verify, PostgreSQL and SOAP: times the textbook build", CITY, TEXTBOOK_CITY, 6),
        row("two workers against one, PostgreSQL and SOAP", CITY_TWO, CITY, 1.6),
        row("commits slowed by 5 ms, 64 in flight: of the unslowed rate", SLOWED, PROMPT, 0.7),
        cases("PostgreSQL", CASES),
        cases("SQLite", CASES_EMBEDDED),
    ]


def own_share_row(postgres: PostgresCopies, upstream: str, *, per_second: float) -> Row:
    """Measure what is left of a lookup's time at half load without the register's."""
    with over_postgres(postgres, running_service, f"{upstream}/{DELAY_MS}") as server:
        load = run_loop(half(Setup(running_service, verification), server.address, per_second=per_second))
    p50, p99 = (load.own_ms(percent, delay_ms=DELAY_MS) for percent in (50, 99))
    what = f"own share at half load ({per_second:.0f}/s), register of {DELAY_MS} ms: p50, p99"
    bar = f"≤ {OWN_P50_MS:g} ms, ≤ {OWN_P99_MS:g} ms"
    return Row(what, bar, f"{p50:.1f} ms, {p99:.1f} ms", p50 <= OWN_P50_MS and p99 <= OWN_P99_MS)


def start_rows() -> list[Row]:
    """Measure a start on a database that is there, and the memory after some load."""
    with TemporaryDirectory(prefix="motcua-benchmark-") as folder:
        settings = {"database_url": f"sqlite:///{folder}/service.db", "key_file": f"{folder}/keys.json"}
        with running_service(**settings):
            pass
        with running_service(**settings) as server:
            seconds = server.start_seconds
            run_loop(full(Setup(running_service, verification), server.address))
            megabytes = server.resident_megabytes
    return [
        Row("start to first answer", f"≤ {START_SECONDS:g} s", f"{seconds:.1f} s", seconds <= START_SECONDS),
        Row(
            "memory of a worker after load",
            f"≤ {MEGABYTES} MB",
            f"{megabytes:.0f} MB",
            megabytes <= MEGABYTES,
        ),
    ]


def written(rows: list[Row]) -> str:
    """Write the table."""
    machine = f"{os.cpu_count()} cores, Python {platform.python_version()}, {platform.system()}"
    return "\n".join(
        [
            "# Speed, as `make bench` last measured it",
            "",
            f"Machine: {machine}; load generator, register and PostgreSQL on the same cores.",
            f"Best of {ROUNDS} rounds of {ROUND_SECONDS:g} s taken in turns. Only ratios carry over to other",
            "machines; docs/performance.md explains them.",
            "",
            "| what | bar | measured | met |",
            "|---|---|---|---|",
            *(
                f"| {row.what} | {row.bar} | {row.measured} | {'yes' if row.is_met else '**no**'} |"
                for row in rows
            ),
            "",
        ]
    )


def main() -> None:
    """Measure everything, print the table and keep it."""
    make_postgres_folder()
    with running_postgres() as server_url, running_upstream() as upstream:
        postgres = PostgresCopies(server_url)
        rates = take_rates(setups(postgres, f"{upstream}/0"))
        rows = [
            Row(
                "floor: a bare FastAPI route with the same models",
                "1.0",
                f"{rates[FLOOR]:.0f}/s",
                is_met=True,
            ),
            *ratio_rows(rates),
            own_share_row(postgres, upstream, per_second=rates[CITY] / 2),
            *start_rows(),
        ]
    table = written(rows)
    sys.stdout.write(table)
    RESULTS.write_text(table, encoding="utf-8")


if __name__ == "__main__":
    main()
