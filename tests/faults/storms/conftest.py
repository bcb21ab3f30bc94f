"""The world that all storms share, and the table at the end."""

import os
import random
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.fault_proxy import fault_proxy
from tests.faults.storms.invariants import Evidence
from tests.faults.storms.mortal_postgres import mortal_postgres
from tests.faults.storms.world import Row, World
from tests.simulators import running_simulator

ROWS = pytest.StashKey[list[Row]]()
SEED = pytest.StashKey[int]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[ROWS] = []
    config.stash[SEED] = int(os.environ.get("FAULTS_SEED") or random.randrange(10**6))  # noqa: S311 - no secret


def pytest_report_header(config: pytest.Config) -> str:
    return f"storms: FAULTS_SEED={config.stash[SEED]} repeats their choices"


@pytest.fixture(scope="session")
def rows(request: pytest.FixtureRequest) -> list[Row]:
    return request.config.stash[ROWS]


@pytest.fixture(scope="session")
def seed(request: pytest.FixtureRequest) -> int:
    return request.config.stash[SEED]


@pytest.fixture(scope="session")
def world(rows: list[Row], seed: int) -> Iterator[World]:
    # Not below pytest's own folder: another user has to reach the server's socket, and its path is short.
    with TemporaryDirectory(prefix="motcua-storm-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "anchor").mkdir()
        with (
            mortal_postgres(folder) as postgres,
            fault_proxy(postgres.url) as (proxy, proxied_url),
            running_simulator("ndxp-soap", folder) as simulator,
        ):
            dice = random.Random(seed)  # noqa: S311 - no secret
            world = World(
                folder, postgres, proxy, proxied_url, simulator, dice, Evidence(postgres.url), rows=rows
            )
            try:
                yield world
            finally:
                world.end()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    found = config.stash[ROWS]
    if not found:
        return
    widths = [max(len(row.fault) for row in found), 6, 12, 4]
    terminalreporter.section(f"storms, FAULTS_SEED={config.stash[SEED]}")
    titles = ("fault", "times", "acknowledged", "lost")
    terminalreporter.write_line(
        "  ".join(title.ljust(width) for title, width in zip(titles, widths, strict=True)) + "  verifier"
    )
    for row in found:
        cells = (row.fault, str(row.times), str(row.acknowledged), str(row.lost))
        terminalreporter.write_line(
            "  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True))
            + f"  {row.verifier}"
        )
