import asyncio
from io import StringIO
from typing import Any

import pytest

from app.composition.gates import make_gates as make_gates_of
from app.domain.caller import LOOKUP_SCOPES
from app.errors import PopulationDatabaseUnavailableError, ServiceUnavailableError
from app.intake.gates import LOOKUP_PATHS, PASSWORD_PATHS, Gate
from app.main import create_app
from app.settings.settings import Settings
from tests.unit.intake.small_app import make_gate, make_gates

pytestmark = pytest.mark.anyio


async def enter(gate: Gate) -> None:
    assert not gate.is_full
    gate.enter()
    await gate.take_place()


def leave(gate: Gate) -> None:
    gate.give_place_back()
    gate.leave()


async def test_those_who_wait_get_places_in_the_order_of_their_coming() -> None:
    gate = make_gate(places=1, most_waiting=3)
    came: list[int] = []

    async def one(number: int) -> None:
        await enter(gate)
        came.append(number)
        leave(gate)

    await enter(gate)
    waiting = [asyncio.create_task(one(number)) for number in range(3)]
    await asyncio.sleep(0.01)
    assert (came, gate.inside, gate.is_full) == ([], 4, True)
    leave(gate)
    await asyncio.gather(*waiting)
    assert (came, gate.inside, gate.is_full) == ([0, 1, 2], 0, False)


async def test_who_waits_too_long_is_refused_and_leaves_the_queue() -> None:
    gate = make_gate(places=1, most_waiting=1, wait_seconds=0.05)
    await enter(gate)
    gate.enter()
    with pytest.raises(ServiceUnavailableError) as refused:
        await gate.take_place()
    gate.leave()
    assert 1 <= (refused.value.retry_after_seconds or 0) <= 5
    leave(gate)
    await enter(gate)
    assert gate.inside == 1


async def test_a_place_given_to_one_who_gives_up_goes_to_the_next() -> None:
    gate = make_gate(places=1, most_waiting=2)
    await enter(gate)
    first, second = (asyncio.create_task(enter(gate)) for _ in range(2))
    await asyncio.sleep(0.01)
    gate.give_place_back()
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    await asyncio.wait_for(second, timeout=1)


async def test_one_who_gives_up_while_waiting_takes_nothing_with_it() -> None:
    gate = make_gate(places=1, most_waiting=2)
    await enter(gate)
    waiting = asyncio.create_task(enter(gate))
    await asyncio.sleep(0.01)
    waiting.cancel()
    await asyncio.wait({waiting})
    gate.leave()
    leave(gate)
    assert gate.inside == 0
    await asyncio.wait_for(enter(gate), timeout=1)


async def test_a_burst_may_fill_the_room_and_a_queue_that_lasts_may_not() -> None:
    now = 0.0
    gate = make_gate(places=2, most_waiting=100, monotonic=lambda: now)
    for _ in range(2):
        await enter(gate)
    waiting = [asyncio.create_task(enter(gate)) for _ in range(50)]
    await asyncio.sleep(0)
    assert (gate.inside, gate.is_full) == (52, False)
    now = 1.1
    assert gate.is_full
    for _ in range(49):
        leave(gate)
        await asyncio.sleep(0)
    # One waits, and as many as half of the places may.
    assert (gate.inside, gate.is_full) == (3, True)
    for _ in range(3):
        leave(gate)
        await asyncio.sleep(0)
    await asyncio.gather(*waiting)
    # The room stays small for as long as somebody is refused, however empty the queue was in between.
    for _ in range(2):
        await enter(gate)
    waiting = [asyncio.create_task(enter(gate)) for _ in range(1)]
    await asyncio.sleep(0)
    assert gate.is_full
    for _ in range(3):
        leave(gate)
        await asyncio.sleep(0)
    now = 2.2
    for _ in range(2):
        await enter(gate)
    waiting = [asyncio.create_task(enter(gate)) for _ in range(50)]
    await asyncio.sleep(0)
    assert not gate.is_full
    for each in waiting:
        each.cancel()


async def test_refusals_are_told_together_once_a_second(logs: StringIO) -> None:
    gate = make_gate()
    counted: list[str] = []
    gates = make_gates(requests=gate)
    gates.on_refusal = counted.append
    for _ in range(100):
        gates.note_refusal(gate)
    assert counted == ["requests"] * 100
    assert logs.getvalue().count("requests-refused-for-load") == 1


def test_every_lookup_and_nothing_else_goes_through_the_gate_of_lookups() -> None:
    paths: dict[str, Any] = create_app(Settings()).openapi()["paths"]
    assert {path for path, item in paths.items() if LOOKUP_SCOPES & _scopes_of(item)} == LOOKUP_PATHS
    gates = make_gates()
    chosen = {path: gate and gate.refusal for path in paths for gate in [gates.of(path)]}
    always_answered = {path for path, refusal in chosen.items() if refusal is None}
    assert always_answered == {"/health/live", "/health/ready", "/metrics"}
    of_lookups = {path for path, refusal in chosen.items() if refusal is PopulationDatabaseUnavailableError}
    assert of_lookups == LOOKUP_PATHS


def test_what_compares_passwords_has_a_gate_of_its_own() -> None:
    log_ins = make_gate()
    gates = make_gates(log_ins=log_ins)
    paths: dict[str, Any] = create_app(Settings()).openapi()["paths"]
    chosen = {path for path in paths if gates.of(path) is log_ins}
    assert chosen == PASSWORD_PATHS == {"/auth/token", "/me/password", "/me/second-factor"}


async def test_an_office_that_opens_is_let_in_and_a_flood_of_log_ins_is_not() -> None:
    gate = make_gates_of(Settings()).of("/auth/token")
    assert gate is not None
    assert gate.refusal is ServiceUnavailableError
    while not gate.is_full:
        gate.enter()
    assert 100 < gate.inside < 400


@pytest.mark.parametrize(
    ("strategy", "calls", "lookups"),
    [("operation", 64, 64), ("records", 64, 48), ("records", 5, 4), ("records", 1, 1)],
)
async def test_lookups_leave_places_at_the_register_to_the_members_of_households(
    strategy: str, calls: int, lookups: int
) -> None:
    settings = Settings.model_validate(
        {"npd_household_strategy": strategy, "npd_max_in_flight": calls, "npd_max_waiting": 0}
    )
    gate = make_gates_of(settings).of("/verify/id-card")
    assert gate is not None
    while not gate.is_full:
        gate.enter()
    assert gate.inside == lookups


def _scopes_of(item: dict[str, Any]) -> set[str]:
    demands = item.get("post", {}).get("security", [])
    return {scope for demand in demands for scopes in demand.values() for scope in scopes}
