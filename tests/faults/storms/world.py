"""One service of two workers over a PostgreSQL behind a proxy and a simulated register; what it has done."""

import random
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import httpx
from sqlalchemy.engine import make_url

from tests.databases import PostgresCopies
from tests.fault_proxy import FaultProxy, fault_proxy
from tests.faults.storms.invariants import Evidence, verified
from tests.faults.storms.ledger import Ledger
from tests.faults.storms.load import Callers, settle
from tests.faults.storms.mortal_postgres import MortalPostgres, mortal_postgres
from tests.processes import Program, Service, process_environment, running_service
from tests.simulators import RunningSimulator, running_simulator

ORIGIN: Final = "motcua.example/storm"
QUICK: Final = {
    "audit_origin": ORIGIN,
    "token_lifetime_seconds": "3600",
    "npd_timeout_seconds": "1",
    "npd_circuit_pause_seconds": "0.5",
    "audit_timeout_seconds": "5",
    # Taken with each INTENT, and never used up.
    "budget_lookups_per_minute": "100000",
    "budget_people_per_day": "1000000",
    "budget_misses_per_10_minutes": "100000",
}


@dataclass(frozen=True)
class Row:
    """One line of the table that the suite prints."""

    fault: str
    times: int
    acknowledged: int
    lost: int
    verifier: str


@dataclass
class World:
    """What stands; a test takes parts of it down and puts them up again."""

    folder: Path
    postgres: MortalPostgres
    proxy: FaultProxy
    proxied_url: str
    simulator: RunningSimulator
    dice: random.Random
    evidence: Evidence
    ledger: Ledger = field(default_factory=Ledger)
    rows: list[Row] = field(default_factory=list)
    clock_was_turned: bool = False
    workers: str = "2"
    program: Program = field(default_factory=Program)
    _service: Service | None = None
    _up: ExitStack = field(default_factory=ExitStack)
    _logs: set[Path] = field(default_factory=set)

    @property
    def anchor(self) -> Path:
        """Folder of the first anchor, outside the database."""
        return self.folder / "anchor"

    @property
    def clock_file(self) -> Path:
        """Holds how far the service's clock is from the true one, where its program is `clocked`."""
        return self.folder / "clock"

    @property
    def settings(self) -> dict[str, str]:
        """Settings of a service in this world, but for its address and its database."""
        return QUICK | self.simulator.settings | {"audit_anchor_directory": str(self.anchor)}

    @property
    def service(self) -> Service:
        """The service, which is started if it does not run."""
        if self._service is None or self._service.process.poll() is not None:
            self.end()
            self._service = self._up.enter_context(
                running_service(
                    self.proxied_url, self.folder, self.program, **self.settings, workers=self.workers
                )
            )
            self._logs.add(self._service.log)
        return self._service

    def start(self) -> None:
        """Start the service if it does not run."""
        assert self.service.process.poll() is None

    @property
    def process_id(self) -> int | None:
        """Id of the service's first process; None while it does not run."""
        return self._service.process.pid if self._service and self._service.process.poll() is None else None

    @property
    def logs(self) -> list[Path]:
        """Logs of all services that ran."""
        return sorted(self._logs)

    def end(self) -> None:
        """Stop the service, if it runs, as an operator would."""
        self._up.close()
        self._service = None

    def note_log(self, log: Path) -> None:
        """Have one more log searched for marks."""
        self._logs.add(log)

    def environment(self, database_url: str | None = None) -> dict[str, str]:
        """Environment of a command of the operator's on the database, by default straight on the true one."""
        chosen = {
            "audit_origin": ORIGIN,
            "audit_anchor_directory": str(self.anchor),
            "key_file": str(self.folder / "keys.json"),
            "database_url": database_url or self.evidence.url,
        }
        return process_environment(**chosen)

    def settings_apart(self, folder: Path) -> dict[str, str]:
        """Settings of a service that has nothing but the clock in common with this world's, on the mock."""
        anchor = folder / "anchor"
        anchor.mkdir(exist_ok=True)
        return QUICK | {"audit_anchor_directory": str(anchor)}

    def create_database(self) -> str:
        """Create one more database on the server, reached through the proxy; give its URL."""
        name = PostgresCopies(self.postgres.url).create()
        return make_url(self.proxied_url).set(database=name).render_as_string(hide_password=False)

    async def settle(self, callers: Callers, ledger: Ledger | None = None) -> None:
        """Wait until lookups are answered again, and send again what nobody knows of."""
        await settle(callers, ledger or self.ledger)

    def judge(self, fault: str, times: int, acknowledged: int) -> None:
        """Hold everything that was acknowledged against the database, and have the log verified."""
        self.evidence.look()
        lost = self.evidence.lost_lookups(self.ledger) + self.evidence.lost_cases(self.ledger)
        status, word = verified(self.environment())
        self.note(fault, times, acknowledged, len(lost), status, word)
        assert not lost, f"lost: {lost[:5]}"
        assert not self.ledger.surprises, f"unexplained: {self.ledger.surprises[:5]}"
        assert status == 0, word
        assert times > 0, "the fault did not happen"
        self.evidence.check_every_lookup_ended_once()
        received = self.simulator.received()
        self.evidence.check_nothing_was_asked_unseen(received, with_times=not self.clock_was_turned)
        self.evidence.check_receipts(self.ledger)

    def note(self, fault: str, times: int, acknowledged: int, lost: int, status: int, word: str) -> None:
        """Add a row to the table."""
        line = word.partition("\n")[0]
        self.rows.append(Row(fault, times, acknowledged, lost, f"{status}: {line}"))

    def check_marks(self) -> None:
        """See that nothing that people wrote stands in the clear anywhere."""
        self.evidence.check_marks(self.postgres.log, *self.logs)

    def status(self) -> str:
        """Tell how one of the workers sees the register."""
        headers = {"Authorization": f"Bearer {self.service.token('receiver')}"}
        answer = httpx.get(f"{self.service.base_url}/verify/status", headers=headers, timeout=10)
        state: str = answer.raise_for_status().json()["state"]
        return state


@contextmanager
def open_world(seed: int) -> Iterator[World]:
    """Put everything up but the service, and take it down at the end."""
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
            world = World(folder, postgres, proxy, proxied_url, simulator, dice, Evidence(postgres.url))
            try:
                yield world
            finally:
                world.end()
