"""The world that all storms share, and the table at the end."""

import os
import random
from collections.abc import Iterator
from dataclasses import astuple

import pytest

from tests.faults.storms.world import Row, World, open_world

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
    with open_world(int(os.environ["FAULTS_SEED"])) as world:
        yield world


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
