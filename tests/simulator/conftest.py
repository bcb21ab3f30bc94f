"""One simulator of each profile for a module's tests, brought back to its beginning before each."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from app.simulator.options import Profile
from tests.simulators import RunningSimulator, running_simulator


@contextmanager
def flawless_simulator(profile: Profile, folder: Path) -> Iterator[RunningSimulator]:
    """Run one that must not stumble over anything itself, whatever it is asked and told to do wrong."""
    with running_simulator(profile, folder) as simulator:
        yield simulator
    (log,) = folder.glob("simulator-*.log")
    assert "Traceback" not in log.read_text()


@pytest.fixture(scope="module")
def running_ndxp(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSimulator]:
    with flawless_simulator("ndxp-soap", tmp_path_factory.mktemp("ndxp")) as simulator:
        yield simulator


@pytest.fixture(scope="module")
def running_lgsp_soap(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSimulator]:
    with flawless_simulator("lgsp-soap", tmp_path_factory.mktemp("lgsp")) as simulator:
        yield simulator


@pytest.fixture(scope="module")
def running_lgsp_json(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSimulator]:
    with flawless_simulator("lgsp-json", tmp_path_factory.mktemp("json")) as simulator:
        yield simulator


@pytest.fixture
def ndxp(running_ndxp: RunningSimulator) -> RunningSimulator:
    running_ndxp.reset()
    return running_ndxp


@pytest.fixture
def lgsp_soap(running_lgsp_soap: RunningSimulator) -> RunningSimulator:
    running_lgsp_soap.reset()
    return running_lgsp_soap


@pytest.fixture
def lgsp_json(running_lgsp_json: RunningSimulator) -> RunningSimulator:
    running_lgsp_json.reset()
    return running_lgsp_json
