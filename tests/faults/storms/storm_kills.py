"""The service killed at each point of a lookup and of a registration, over and over.

A process is forked for each time. The proxy holds a COMMIT, or the register holds its answer, and then there
is SIGKILL; or it comes at a random moment. What was asked without an answer is sent again to the next one.
"""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, assert_never

import httpx
import pytest

from tests.fault_proxy import FaultProxy, Phase, fault_proxy
from tests.faults.storms.clocked import turn_clock
from tests.faults.storms.load import Callers, calling, load
from tests.faults.storms.world import World
from tests.processes import free_port

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(900)]

# Of the first few requests that a process gets, these COMMITs are INTENTs, OUTCOMEs and registrations.
COMMITS: Final = range(1, 9)
PHASES: Final[tuple[Phase, ...]] = ("before", "after")
ROUNDS: Final = 4
RANDOM_MOMENTS: Final = 24
REGISTER_MOMENTS: Final = 16
_UP_SECONDS: Final = 60.0

Point = tuple[Phase, int] | Literal["register", "random"]
"""A COMMIT, before it arrives or before its answer does; or a question to the register; or any moment."""

Sent = asyncio.Future[list[str]]


@dataclass
class Forks:
    """Processes of the service, one at a time, and the clock that they tell the time by."""

    base_url: str
    parent: "subprocess.Popen[str]"
    clock_file: Path
    process: int = 0

    def fork(self) -> None:
        """Start one."""
        assert self.parent.stdin is not None
        assert self.parent.stdout is not None
        self.parent.stdin.write("\n")
        self.parent.stdin.flush()
        self.process = int(self.parent.stdout.readline())

    def kill(self) -> None:
        """End the present one as a power cut would."""
        os.kill(self.process, signal.SIGKILL)

    async def up(self) -> None:
        """Wait until it answers."""
        deadline = time.monotonic() + _UP_SECONDS
        async with httpx.AsyncClient(base_url=self.base_url, timeout=5) as client:
            while True:
                with suppress(httpx.TransportError):
                    if (await client.get("/health/ready")).status_code == httpx.codes.OK:
                        return
                assert time.monotonic() < deadline
                await asyncio.sleep(0.02)

    async def token(self) -> str:
        """Log in the officer who receives cases."""
        form = {"grant_type": "password", "username": "receiver", "password": "sandbox"}
        async with httpx.AsyncClient(base_url=self.base_url, timeout=20) as client:
            answer = (await client.post("/auth/token", data=form)).raise_for_status()
            token: str = answer.json()["access_token"]
            return token

    def turn_clock(self, seconds: float) -> None:
        """Set how far the clock is from the true one."""
        turn_clock(self.clock_file, seconds)


@contextmanager
def forks(world: World, proxied_url: str) -> Iterator[Forks]:
    """Run what forks."""
    # What the database and the keys need is there once a service has started on them.
    world.start()
    world.end()
    port, clock_file = free_port(), world.folder / f"clock-{time.monotonic_ns()}"
    turn_clock(clock_file, 0.0)
    base_url = f"http://127.0.0.1:{port}"
    chosen = world.settings | {"public_url": base_url, "shutdown_notice_seconds": "0"}
    environment = world.environment(proxied_url) | {
        f"MOTCUA_{name.upper()}": value for name, value in chosen.items()
    }
    log = world.folder / f"forked-{port}.log"
    world.note_log(log)
    with log.open("wb") as output:
        parent = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.storms.forked", str(port), str(clock_file)],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=output,
            text=True,
            start_new_session=True,
        )
    try:
        yield Forks(base_url, parent, clock_file)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(parent.pid, signal.SIGKILL)
        parent.communicate()


@asynccontextmanager
async def calling_forks(forked: Forks, world: World) -> AsyncIterator[Callers]:
    """Give callers of whichever process there is."""
    forked.fork()
    await forked.up()
    async with calling(forked.base_url, await forked.token(), world.ledger, world.dice) as callers:
        yield callers


def some_requests(callers: Callers, world: World) -> Sent:
    """Send a few lookups and registrations, and some of which nobody knows yet."""
    again = [callers.register(key) for key in world.ledger.unknown_keys[:4]]
    again += [callers.move(key) for key in world.ledger.unknown_moves[:4]]
    return asyncio.gather(*(callers.one() for _ in range(6)), *again)


async def kill_at(point: Point, forked: Forks, proxy: FaultProxy, world: World, sent: Sent) -> bool:
    """Kill the process at the point, or a while later if it is not reached; tell whether it was."""
    match point:
        case (phase, countdown):
            held = proxy.hold_commit(phase, countdown=countdown)
            reached = await _within(sent, held.is_set)
        case "register":
            before = len(world.simulator.received())
            reached = await _within(sent, lambda: len(world.simulator.received()) > before)
        case "random":
            await asyncio.sleep(world.dice.uniform(0, 0.15))
            reached = True
        case unreachable:
            assert_never(unreachable)
    forked.kill()
    proxy.reset_connections()
    proxy.release()
    return reached


async def _within(sent: Sent, is_reached: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 2
    while not is_reached() and not sent.done() and time.monotonic() < deadline:  # noqa: ASYNC110 - others' threads and processes
        await asyncio.sleep(0.005)
    return is_reached()


async def test_killed_at_each_point_it_loses_nothing(world: World) -> None:
    held: list[Point] = [(phase, number) for phase in PHASES for number in COMMITS]
    moments: list[Point] = ["register"] * REGISTER_MOMENTS
    moments += ["random"] * RANDOM_MOMENTS
    points = [*held * ROUNDS, *moments]
    world.dice.shuffle(points)
    reached, acknowledged = Counter[str](), Counter[str]()
    world.simulator.behave(delay={"seconds": 0.03, "random_seconds": 0.05})
    with fault_proxy(world.postgres.url) as (proxy, url), forks(world, url) as forked:
        async with calling_forks(forked, world) as callers:
            for point in points:
                before = world.ledger.acknowledged
                sent = some_requests(callers, world)
                if await kill_at(point, forked, proxy, world, sent):
                    reached[_name(point)] += 1
                forked.fork()
                await forked.up()
                # Connections that the dead one had not taken yet are the next one's.
                await sent
                acknowledged[_name(point)] += world.ledger.acknowledged - before
            await world.settle(callers)
            forked.kill()
    world.simulator.behave(delay={})
    for name, times in sorted(reached.items()):
        world.judge(f"killed {name}", times, acknowledged[name])
    assert len(points) >= 100
    assert reached.keys() == {_name(point) for point in points}
    assert reached.total() > len(points) * 0.8


def _name(point: Point) -> str:
    match point:
        case ("before", _):
            return "before a COMMIT arrives"
        case (_, _):
            return "after a COMMIT, before its answer"
        case "register":
            return "while the register is asked"
        case _:
            return "at a random moment"


async def test_a_clock_that_jumps_loses_nothing(world: World) -> None:
    before = world.ledger.acknowledged
    world.clock_was_turned = True
    # Within the day for which keys are kept, but for most of the day over a midnight.
    jumps = [3_600.0, -3_600.0, 1_800.0, 39_600.0, -7_200.0, 0.0]
    with forks(world, world.proxied_url) as forked:
        async with calling_forks(forked, world) as callers:
            callers.may_log_in_again = True
            async with load(callers):
                for seconds in jumps:
                    forked.turn_clock(seconds)
                    await asyncio.sleep(0.7)
            await world.settle(callers)
        os.kill(forked.process, signal.SIGTERM)
    world.judge("clock jumping back and forth", len(jumps), world.ledger.acknowledged - before)
