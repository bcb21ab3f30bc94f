import pytest

from app.adapters.population.channel.circuit import Circuit
from app.adapters.population.channel.failures import Effect
from app.adapters.population.upstream import CircuitState
from app.errors import PopulationDatabaseUnavailableError
from tests.unit.population.channel.channels import Clock


def make_circuit(clock: Clock, told: list[CircuitState]) -> Circuit:
    return Circuit(failures=2, pause_seconds=5, clock=clock, changed=told.append)


def fail(circuit: Circuit) -> None:
    with circuit.passage() as passage:
        passage.effect = Effect.FAILED


def test_a_call_of_an_earlier_period_says_nothing_of_the_present_one() -> None:
    clock, told = Clock(), list[CircuitState]()
    circuit = make_circuit(clock, told)
    with circuit.passage() as slow:
        fail(circuit)
        fail(circuit)
        slow.effect = Effect.ANSWERED
    assert (circuit.state, told) == (CircuitState.OPEN, [CircuitState.OPEN])


def test_a_probe_that_tells_nothing_leaves_its_place_to_the_next_and_is_told_once() -> None:
    clock, told = Clock(), list[CircuitState]()
    circuit = make_circuit(clock, told)
    fail(circuit)
    fail(circuit)
    clock.now += 5
    for _ in range(2):
        with circuit.passage(), pytest.raises(PopulationDatabaseUnavailableError):
            circuit.refuse_if_unavailable()
    assert told == [CircuitState.OPEN, CircuitState.HALF_OPEN]
    with circuit.passage() as probe:
        probe.effect = Effect.ANSWERED
    assert told == [CircuitState.OPEN, CircuitState.HALF_OPEN, CircuitState.CLOSED]
