"""Rehearses the failover of docs/scale.md on one machine, and prints what was lost (nothing).

    make cluster-drill

Three services behind nginx, over PgBouncer and HAProxy, on two PostgreSQL servers under Patroni: under mixed
load each part is killed in turn. The exit status is 1 if anything acknowledged was lost.
"""

import asyncio
import random
import shutil
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from tests.faults.cluster import way
from tests.faults.cluster.nodes import Nodes
from tests.faults.cluster.topology import Topology, behind_nginx, running_topology
from tests.faults.storms.invariants import Evidence, verified
from tests.faults.storms.ledger import Ledger
from tests.faults.storms.load import Callers, calling, load, settle
from tests.programs import wait_until
from tests.proxy.nginx import Nginx
from tests.simulators import RunningSimulator, running_simulator
from tests.unit.house.source_files import ROOT

_LOGS: Final = ROOT / "build" / "cluster-drill"
_CALLERS: Final = 8
_PAUSE_SECONDS: Final = 0.04
_CALM_SECONDS: Final = 4.0
_LOOK_SECONDS: Final = 0.01
_VERIFY_SECONDS: Final = 30.0


@dataclass
class Cluster:
    """The topology, the register that it asks, and what was acknowledged so far."""

    topology: Topology
    simulator: RunningSimulator
    ledger: Ledger = field(default_factory=Ledger)

    @property
    def nodes(self) -> Nodes:
        """The database hosts."""
        return self.topology.nodes


async def nothing(_cluster: Cluster) -> None:
    await asyncio.sleep(_CALM_SECONDS)


async def service_killed(cluster: Cluster) -> None:
    cluster.topology.services[0].kill()
    await asyncio.sleep(_CALM_SECONDS)
    cluster.topology.services[0] = await asyncio.to_thread(cluster.topology.start_service, 0)


async def pgbouncer_killed(cluster: Cluster) -> None:
    cluster.topology.pgbouncer.kill()
    await asyncio.sleep(1)
    cluster.topology.pgbouncer.start()


async def standby_killed(cluster: Cluster) -> None:
    standby = cluster.nodes.standby
    standby.kill()
    await asyncio.sleep(3 * _CALM_SECONDS)
    standby.patroni.start()
    await asyncio.to_thread(cluster.nodes.wait_until_synchronous)


async def standby_hanging(cluster: Cluster) -> None:
    standby = cluster.nodes.standby
    standby.freeze()
    await asyncio.sleep(8 * _CALM_SECONDS)
    standby.thaw()
    await asyncio.to_thread(cluster.nodes.wait_until_synchronous)


async def standby_missed(cluster: Cluster) -> None:
    await asyncio.to_thread(cluster.nodes.be_strict, is_strict=True)
    # Patroni reads it in its next round.
    await asyncio.sleep(2 * _CALM_SECONDS)
    standby = cluster.nodes.standby
    standby.kill()
    await asyncio.sleep(12 * _CALM_SECONDS)
    standby.patroni.start()
    await asyncio.to_thread(cluster.nodes.wait_until_synchronous)
    await asyncio.to_thread(cluster.nodes.be_strict, is_strict=False)


async def postgres_killed(cluster: Cluster) -> None:
    cluster.nodes.primary.kill_database()
    await asyncio.sleep(2 * _CALM_SECONDS)
    await asyncio.to_thread(cluster.nodes.wait_until_synchronous)


async def switched(cluster: Cluster) -> None:
    await asyncio.to_thread(cluster.nodes.switch)
    await asyncio.to_thread(cluster.nodes.wait_until_synchronous)


async def primary_killed(cluster: Cluster) -> None:
    old, heir = cluster.nodes.primary, cluster.nodes.standby
    old.kill()
    await asyncio.to_thread(
        wait_until, lambda: heir.answers("/primary"), seconds=120, what="the standby's promotion"
    )
    await asyncio.sleep(_CALM_SECONDS)
    old.patroni.start()
    await asyncio.to_thread(cluster.nodes.wait_until_synchronous)


async def primary_hanging(cluster: Cluster) -> None:
    old, heir = cluster.nodes.primary, cluster.nodes.standby
    old.freeze()
    try:
        await asyncio.to_thread(
            wait_until, lambda: heir.answers("/primary"), seconds=120, what="the standby's promotion"
        )
        await asyncio.sleep(_CALM_SECONDS)
    finally:
        # It wakes up as a primary that nobody wants any more.
        old.thaw()
    await asyncio.to_thread(cluster.nodes.wait_until_synchronous)


FAULTS: Final[dict[str, Callable[[Cluster], Awaitable[None]]]] = {
    "none": nothing,
    "one service process killed": service_killed,
    "PgBouncer killed, back after 1 s": pgbouncer_killed,
    "standby's host killed": standby_killed,
    "standby's host hanging": standby_hanging,
    "PostgreSQL of the primary killed": postgres_killed,
    "primary and standby change places": switched,
    "primary's host killed": primary_killed,
    "primary's host hanging, awake later": primary_hanging,
    "strict, standby's host away for 48 s": standby_missed,
}


@dataclass(frozen=True)
class Row:
    """One line of the table; `silent_seconds` is the longest time in which nothing was acknowledged."""

    fault: str
    acknowledged: int
    refused: int
    failed: int
    lost: int
    silent_seconds: float
    verifier: str


@dataclass
class _Silence:
    """The longest time without an acknowledgement."""

    seconds: float = 0.0

    async def watch(self, ledger: Ledger) -> None:
        """Look until cancelled."""
        seen, since = ledger.acknowledged, time.monotonic()
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            if ledger.acknowledged != seen:
                seen, since = ledger.acknowledged, time.monotonic()
            self.seconds = max(self.seconds, time.monotonic() - since)


@asynccontextmanager
async def _silence(ledger: Ledger) -> AsyncIterator[_Silence]:
    silence = _Silence()
    watch = asyncio.create_task(silence.watch(ledger))
    try:
        yield silence
    finally:
        watch.cancel()


async def rehearse(cluster: Cluster, callers: Callers, fault: str) -> Row:
    """Break one thing under load, wait until all is whole, and hold what was acknowledged against it."""
    ledger = cluster.ledger
    before, statuses = ledger.acknowledged, ledger.statuses.copy()
    async with load(callers, at_once=_CALLERS, pause_seconds=_PAUSE_SECONDS), _silence(ledger) as silence:
        await asyncio.sleep(_CALM_SECONDS)
        await FAULTS[fault](cluster)
        await asyncio.sleep(_CALM_SECONDS)
    told = ledger.statuses - statuses
    say(f"  {dict(told)}")
    acknowledged = ledger.acknowledged - before
    await settle(callers, ledger)
    lost, word = await asyncio.to_thread(judge, cluster)
    refused = sum(count for status, count in told.items() if status[0] in "45")
    return Row(fault, acknowledged, refused, told["none"], lost, silence.seconds, word)


def judge(cluster: Cluster) -> tuple[int, str]:
    """Count what was acknowledged and is not there, and have the log verified against the kept checkpoints.

    Raises:
        AssertionError: an invariant does not hold.
    """
    # Read anew as a whole: what the last primary had, this one need not have.
    evidence = Evidence(way.address(way.OWNER, way.PRIMARY_PORT))
    evidence.look()
    lost = evidence.lost_lookups(cluster.ledger) + evidence.lost_cases(cluster.ledger)
    assert not cluster.ledger.surprises, f"unexplained: {cluster.ledger.surprises[:5]}"
    evidence.check_every_lookup_ended_once()
    evidence.check_nothing_was_asked_unseen(cluster.simulator.received(), with_times=True)
    evidence.check_receipts(cluster.ledger)
    status, word = verified(cluster.topology.environment(way.address(way.SERVICE, way.POOL_PORT)))
    return len(lost), f"{status}: {word.partition(chr(10))[0]}"


def verified_on_standby(cluster: Cluster) -> str:
    """Have the standby's own copy verified against the same checkpoints."""
    environment = cluster.topology.environment(way.address(way.SERVICE, cluster.nodes.standby.port))
    deadline = time.monotonic() + _VERIFY_SECONDS
    # What it has on disk it shows a moment later.
    while (found := verified(environment))[0] != 0 and time.monotonic() < deadline:
        time.sleep(1)
    return f"{found[0]}: {found[1].partition(chr(10))[0]}"


async def drill(cluster: Cluster, nginx: Nginx, faults: list[str]) -> list[Row]:
    """Rehearse these faults, one after the other."""
    rows = []
    token = cluster.topology.services[0].token("receiver")
    dice = random.Random(1)  # noqa: S311 - no secret
    async with calling(nginx.base_url, token, cluster.ledger, dice, trust=nginx.trust) as callers:
        for fault in faults:
            say(f"{fault} ...")
            rows.append(await rehearse(cluster, callers, fault))
    return rows


def say(line: str) -> None:
    """Tell the operator."""
    print(line, flush=True)  # noqa: T201 - this is a command


def print_table(rows: list[Row], standby: str) -> None:
    """Print what came of it."""
    width = max(len(row.fault) for row in rows)
    heads = ("fault", "acknowledged", "refused", "failed", "lost", "silence s", "verifier")
    cells = [
        (
            row.fault,
            row.acknowledged,
            row.refused,
            row.failed,
            row.lost,
            f"{row.silent_seconds:.1f}",
            row.verifier,
        )
        for row in rows
    ]
    for fault, *numbers, verifier in (heads, *cells):
        say(f"{fault:{width}}" + "".join(f"  {number:>12}" for number in numbers) + f"  {verifier}")
    say(f"the standby's copy: {standby}")


def _keep_logs(folder: Path) -> None:
    _LOGS.mkdir(parents=True, exist_ok=True)
    for log in (*folder.glob("*.log"), *folder.glob("nginx/log/*.log")):
        shutil.copy(log, _LOGS)
    say(f"logs are in {_LOGS.relative_to(ROOT)}")


def main() -> int:
    """Run the drill; faults can be chosen by their numbers."""
    faults = [list(FAULTS)[int(number)] for number in sys.argv[1:]] or list(FAULTS)
    # Not below a folder of ours: the database's user has to reach it, and paths of sockets are short.
    with TemporaryDirectory(prefix="motcua-cluster-") as name:
        folder = Path(name)
        try:
            with (
                running_simulator("ndxp-soap", folder) as simulator,
                running_topology(folder, simulator.settings) as topology,
                behind_nginx(topology) as nginx,
            ):
                cluster = Cluster(topology, simulator)
                rows = asyncio.run(drill(cluster, nginx, faults))
                standby = verified_on_standby(cluster)
        finally:
            _keep_logs(folder)
    print_table(rows, standby)
    is_sound = standby.startswith("0:") and all(
        row.lost == 0 and row.verifier.startswith("0:") for row in rows
    )
    return 0 if is_sound else 1


if __name__ == "__main__":
    sys.exit(main())
