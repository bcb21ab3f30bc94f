"""One simulator of each profile for a module's tests, brought back to its beginning before each."""

from collections.abc import Iterator

import pytest

from tests.simulators import RunningSimulator, running_simulator


@pytest.fixture(scope="module")
def running_ndxp(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSimulator]:
    with running_simulator("ndxp-soap", tmp_path_factory.mktemp("ndxp")) as simulator:
        yield simulator


@pytest.fixture(scope="module")
def running_lgsp_soap(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSimulator]:
    with running_simulator("lgsp-soap", tmp_path_factory.mktemp("lgsp")) as simulator:
        yield simulator


@pytest.fixture(scope="module")
def running_lgsp_json(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSimulator]:
    with running_simulator("lgsp-json", tmp_path_factory.mktemp("json")) as simulator:
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
