"""What is done to a service under load. Each fault heals what it did, and tells how often it did it."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

from app.simulator.faults import Fault
from tests.faults.storms.clocked import turn_clock
from tests.faults.storms.world import World

Inject = Callable[[World], Awaitable[int]]

_A_WHILE: Final = 1.2
_WAL_ROOM_BYTES: Final = 8192


async def postgres_killed(world: World) -> int:
    await asyncio.to_thread(world.postgres.kill)
    await asyncio.to_thread(world.postgres.start)
    return 1


async def postgres_stopped_at_once(world: World) -> int:
    await asyncio.to_thread(world.postgres.stop, "immediate")
    await asyncio.to_thread(world.postgres.start)
    return 1


async def postgres_restarted(world: World) -> int:
    await asyncio.to_thread(world.postgres.stop, "fast")
    await asyncio.sleep(world.dice.uniform(0, 0.5))
    await asyncio.to_thread(world.postgres.start)
    return 1


async def postgres_hanging(world: World) -> int:
    world.postgres.freeze()
    await asyncio.sleep(world.dice.uniform(2, 4))
    world.postgres.thaw()
    return 1


async def postgres_read_only(world: World) -> int:
    for setting in ("on", "off"):
        # A session of the administrator's own has to write the setting back.
        await asyncio.to_thread(
            world.postgres.execute, f"ALTER SYSTEM SET default_transaction_read_only = {setting}"
        )
        await asyncio.to_thread(world.postgres.execute, "SELECT pg_reload_conf()")
        await asyncio.sleep(_A_WHILE)
    return 1


async def disk_full(world: World) -> int:
    world.postgres.limit_files(_WAL_ROOM_BYTES)
    await asyncio.sleep(_A_WHILE)
    world.postgres.limit_files(None)
    # A server that could write no log at all ends itself.
    await asyncio.sleep(0.5)
    if not world.postgres.is_running:
        await asyncio.to_thread(world.postgres.start)
    return 1


async def connections_reset(world: World) -> int:
    times = 0
    for _ in range(5):
        times += world.proxy.reset_connections()
        await asyncio.sleep(world.dice.uniform(0.05, 0.3))
    return times


async def reset_during_commit(world: World) -> int:
    world.proxy.cut_commits(10)
    async with asyncio.timeout(60):
        while world.proxy.is_holding:  # noqa: ASYNC110 - another thread's
            await asyncio.sleep(0.02)
    return 10


async def database_slow(world: World) -> int:
    world.proxy.delay_seconds = 0.05
    await asyncio.sleep(2 * _A_WHILE)
    world.proxy.delay_seconds = 0.0
    return 1


async def network_silent(world: World) -> int:
    world.proxy.is_silent = True
    await asyncio.sleep(world.dice.uniform(1, 3))
    world.proxy.is_silent = False
    return 1


def register_fault(kind: Fault) -> Inject:
    async def inject(world: World) -> int:
        world.simulator.fail(probability=1.0, kinds=[kind])
        await asyncio.sleep(_A_WHILE)
        world.simulator.fail()
        return sum(entry["fault"] == kind.value for entry in world.simulator.received())

    return inject


async def register_slow(world: World) -> int:
    world.simulator.behave(delay={"seconds": 0.1, "random_seconds": 0.7})
    await asyncio.sleep(2 * _A_WHILE)
    world.simulator.behave(delay={})
    return 1


async def register_flapping(world: World) -> int:
    kinds = [Fault.RESET, Fault.STATUS_500, Fault.STATUS_503, Fault.TRUNCATED]
    for turn in range(5):
        world.simulator.fail(probability=0.7, kinds=kinds, seed=turn)
        await asyncio.sleep(0.3)
        world.simulator.fail()
        await asyncio.sleep(0.3)
    return 5


async def circuit_opening(world: World) -> int:
    world.simulator.fail(probability=1.0, kinds=[Fault.RESET])
    await _until(world, "unavailable")
    world.simulator.fail()
    await _until(world, "available")
    return 1


async def _until(world: World, state: str) -> None:
    async with asyncio.timeout(60):
        while await asyncio.to_thread(world.status) != state:  # noqa: ASYNC110 - the service's own state
            await asyncio.sleep(0.05)


def _workers(world: World) -> list[int]:
    process = world.service.process.pid
    children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    # Beside the workers there is Python's own tracker of resources.
    return [int(child) for child in children if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes()]


async def worker_killed(world: World) -> int:
    for _ in range(2):
        os.kill(world.dice.choice(_workers(world)), signal.SIGKILL)
        await asyncio.sleep(world.dice.uniform(0.5, 1.5))
    return 2


async def anchor_unwritable(world: World) -> int:
    aside = world.folder / "anchor-aside"
    world.anchor.rename(aside)
    world.anchor.write_text("no folder")
    await asyncio.sleep(2 * _A_WHILE)
    world.anchor.unlink()
    aside.rename(world.anchor)
    return 1


async def service_killed(world: World) -> int:
    await asyncio.to_thread(world.service.kill)
    await asyncio.to_thread(world.start)
    return 1


async def service_told_to_end(world: World) -> int:
    process = world.service.process
    process.terminate()
    await asyncio.to_thread(process.wait, 40)
    await asyncio.to_thread(world.start)
    return 1


async def clock_turned(world: World) -> int:
    world.clock_was_turned = True
    jumps = (3_600.0, -3_600.0, 1_800.0, 0.0)
    for seconds in jumps:
        turn_clock(world.clock_file, seconds)
        await asyncio.sleep(0.7)
    return len(jumps)


FAULTS: Final[dict[str, Inject]] = {
    "PostgreSQL killed": postgres_killed,
    "PostgreSQL stopped at once": postgres_stopped_at_once,
    "PostgreSQL restarted": postgres_restarted,
    "PostgreSQL hanging": postgres_hanging,
    "PostgreSQL read-only": postgres_read_only,
    "PostgreSQL's disk full": disk_full,
    "database connections reset": connections_reset,
    "connection reset during COMMIT": reset_during_commit,
    "database slow": database_slow,
    "database behind a cut cable": network_silent,
    "register slow": register_slow,
    "register flapping": register_flapping,
    "circuit opening and closing": circuit_opening,
    "worker killed": worker_killed,
    "checkpoint anchor unwritable": anchor_unwritable,
    **{f"register: {kind.value}": register_fault(kind) for kind in sorted(Fault)},
}
"""Of a service of several workers."""

ENDINGS: Final[dict[str, Inject]] = {
    "service killed": service_killed,
    "service told to end": service_told_to_end,
}
"""Of a service that is always at one port."""

FAULTS_OF_ONE_PROCESS: Final[dict[str, Inject]] = {
    **{name: inject for name, inject in FAULTS.items() if inject is not worker_killed},
    "clock jumping back and forth": clock_turned,
}
"""Of a service in one process by a clock that can be turned, which outlives them."""
