"""The world that all storms share, and the table at the end."""

import os
import random
from collections.abc import Iterator
from dataclasses import astuple
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.fault_proxy import fault_proxy
from tests.faults.storms.invariants import Evidence
from tests.faults.storms.mortal_postgres import mortal_postgres
from tests.faults.storms.world import Row, World
from tests.simulators import running_simulator

_ROW = "storm"


def pytest_configure() -> None:
    # Processes that run files side by side inherit it.
    os.environ.setdefault("FAULTS_SEED", str(random.randrange(10**6)))  # noqa: S311 - no secret


def pytest_report_header() -> str:
    return f"storms: FAULTS_SEED={os.environ['FAULTS_SEED']} repeats their choices"


@pytest.fixture(autouse=True)
def _told(request: pytest.FixtureRequest, world: World) -> Iterator[None]:
    """Hand the rows of a test on with its report, to whichever process prints the table."""
    before = len(world.rows)
    yield
    request.node.user_properties.extend((_ROW, astuple(row)) for row in world.rows[before:])


@pytest.fixture(scope="session")
def world() -> Iterator[World]:
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
            dice = random.Random(int(os.environ["FAULTS_SEED"]))  # noqa: S311 - no secret
            world = World(folder, postgres, proxy, proxied_url, simulator, dice, Evidence(postgres.url))
            try:
                yield world
            finally:
                world.end()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reports = [report for found in terminalreporter.stats.values() for report in found]
    rows = [
        Row(*told)
        for report in reports
        if getattr(report, "when", None) == "teardown"
        for name, told in report.user_properties
        if name == _ROW
    ]
    if not rows:
        return
    terminalreporter.section(f"storms, FAULTS_SEED={os.environ['FAULTS_SEED']}")
    width = max(len(row.fault) for row in rows)
    for cells in (("fault", "times", "acknowledged", "lost", "verifier"), *map(astuple, rows)):
        fault, times, acknowledged, lost, verifier = map(str, cells)
        terminalreporter.write_line(f"{fault:{width}}  {times:>5}  {acknowledged:>12}  {lost:>4}  {verifier}")
    total = [sum(getattr(row, name) for row in rows) for name in ("times", "acknowledged", "lost")]
    terminalreporter.write_line(f"{'all':{width}}  {total[0]:>5}  {total[1]:>12}  {total[2]:>4}")
