"""Two PostgreSQL servers under Patroni, and the etcd that they agree in."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import httpx

from tests.programs import Program, give, wait_until, write_edited

FIRST_PORT: Final = int(os.environ.get("CLUSTER_FIRST_PORT", "21000"))
"""Below those that the system hands out: what was killed finds its port free when it comes back."""
PASSWORD: Final = "rehearsal"
SUPERUSER: Final = f"postgres:{PASSWORD}"
PROGRAMS: Final = Path("/usr/lib/postgresql")
_ETCD_PORT: Final = FIRST_PORT + 10
_START_SECONDS: Final = 120.0


@dataclass
class Node:
    """One database host: Patroni and its PostgreSQL."""

    name: str
    port: int
    rest_port: int
    patroni: Program
    data: Path

    def kill(self) -> None:
        """Cut its power: Patroni and all processes of PostgreSQL end at once."""
        self.patroni.kill()
        self.kill_database()

    def kill_database(self) -> None:
        """End PostgreSQL alone; Patroni sees it."""
        for process in self._database():
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)

    def freeze(self) -> None:
        """Let the whole host hang: its connections stay, and nothing answers."""
        self.patroni.send(signal.SIGSTOP)
        for process in self._database():
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        for process in self._database():
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGCONT)
        self.patroni.send(signal.SIGCONT)

    def stop(self) -> None:
        """End it in order."""
        self.thaw()
        self.patroni.stop()
        self.kill_database()

    def answers(self, path: str) -> bool:
        """Whether its Patroni says yes to a question as HAProxy asks it."""
        try:
            return httpx.get(self._rest(path), timeout=2, trust_env=False).status_code == httpx.codes.OK
        except httpx.TransportError:
            return False

    def members(self) -> list[dict[str, Any]]:
        """List the cluster's members as it sees them."""
        answer = httpx.get(self._rest("/cluster"), timeout=5, trust_env=False)
        members: list[dict[str, Any]] = answer.raise_for_status().json()["members"]
        return members

    def tell(self, method: str, path: str, content: dict[str, Any]) -> None:
        """Have its Patroni change something."""
        answer = httpx.request(
            method,
            self._rest(path),
            json=content,
            auth=("patroni", PASSWORD),
            timeout=_START_SECONDS,
            trust_env=False,
        )
        answer.raise_for_status()

    def _rest(self, path: str) -> str:
        return f"http://127.0.0.1:{self.rest_port}{path}"

    def _database(self) -> list[int]:
        with suppress(OSError, ValueError, IndexError):
            first = int((self.data / "postmaster.pid").read_text().split()[0])
            # The number may be anybody's by now.
            if b"postgres" in Path(f"/proc/{first}/cmdline").read_bytes():
                children = Path(f"/proc/{first}/task/{first}/children").read_text().split()
                return [first, *map(int, children)]
        return []


@dataclass
class Nodes:
    """The database hosts."""

    nodes: tuple[Node, Node]
    etcd: Program = field(repr=False)

    @property
    def primary(self) -> Node:
        """Who writes now.

        Raises:
            TimeoutError: nobody does for a long time.
        """
        wait_until(
            lambda: any(node.answers("/primary") for node in self.nodes),
            seconds=_START_SECONDS,
            what="a primary",
        )
        return next(node for node in self.nodes if node.answers("/primary"))

    @property
    def standby(self) -> Node:
        """Who does not."""
        primary = self.primary
        return next(node for node in self.nodes if node is not primary)

    def switch(self) -> None:
        """Let both change places in order, as `patronictl switchover` does."""
        primary, standby = self.primary, self.standby
        primary.tell("POST", "/switchover", {"leader": primary.name, "candidate": standby.name})

    def be_strict(self, *, is_strict: bool) -> None:
        """Let commits wait for a standby however long it takes, or not; as `patronictl edit-config`."""
        self.primary.tell("PATCH", "/config", {"synchronous_mode_strict": is_strict})

    def wait_until_synchronous(self) -> None:
        """Wait until commits are on both hosts again."""
        wait_until(self._is_synchronous, seconds=_START_SECONDS, what="a synchronous standby")

    def _is_synchronous(self) -> bool:
        with suppress(httpx.HTTPError):
            members = self.primary.members()
            return any(
                member["role"] == "sync_standby" and member["state"] in {"running", "streaming"}
                for member in members
            )
        return False


@contextmanager
def running_nodes(folder: Path) -> Iterator[Nodes]:
    """Start etcd and both hosts, and stop them at the end."""
    etcd = Program(_etcd_command(give_new(folder / "etcd")), folder / "etcd.log")
    nodes = Nodes((_node(folder, 1), _node(folder, 2)), etcd)
    try:
        etcd.start()
        nodes.nodes[0].patroni.start()
        wait_until(
            lambda: nodes.nodes[0].answers("/primary"), seconds=_START_SECONDS, what="the first primary"
        )
        nodes.nodes[1].patroni.start()
        nodes.wait_until_synchronous()
        yield nodes
    finally:
        for node in nodes.nodes:
            node.stop()
        etcd.stop()


def give_new(folder: Path) -> Path:
    """Make a folder for the database's user."""
    folder.mkdir()
    return give(folder)


def _etcd_command(folder: Path) -> list[str]:
    clients, peers = (f"http://127.0.0.1:{port}" for port in (_ETCD_PORT, _ETCD_PORT + 1))
    options = {
        "name": "only",
        "data-dir": str(folder),
        "listen-client-urls": clients,
        "advertise-client-urls": clients,
        "listen-peer-urls": peers,
        "initial-advertise-peer-urls": peers,
        "initial-cluster": f"only={peers}",
        "log-level": "warn",
    }
    return ["etcd", *(f"--{name}={value}" for name, value in options.items())]


def _node(folder: Path, number: int) -> Node:
    port, rest_port = FIRST_PORT + 20 + number, FIRST_PORT + 30 + number
    own = give_new(folder / f"database-{number}")
    data = own / "data"
    newest = max(PROGRAMS.glob("*/bin"), key=lambda path: int(path.parent.name))
    configuration = write_edited(
        "patroni.yaml",
        own / "patroni.yaml",
        {
            "name: database-1": f"name: database-{number}",
            "10.1.0.21:8008": f"127.0.0.1:{rest_port}",
            "10.1.0.21:5432": f"127.0.0.1:{port}",
            "10.1.0.21:2379, 10.1.0.22:2379, 10.1.0.23:2379": f"127.0.0.1:{_ETCD_PORT}",
            "10.1.0.0/24": "127.0.0.1/32",
            "/var/lib/postgresql/15/motcua": str(data),
            "/usr/lib/postgresql/15/bin": str(newest),
            "/var/lib/postgresql/motcua.pgpass": str(own / "pgpass"),
            "/var/run/postgresql": str(own),
            "EDIT-rest-password": PASSWORD,
            "EDIT-superuser-password": PASSWORD,
            "EDIT-replication-password": PASSWORD,
            "EDIT-rewind-password": PASSWORD,
        },
    )
    patroni = Program(["patroni", str(configuration)], folder / f"database-{number}.log")
    return Node(f"database-{number}", port, rest_port, patroni, data)
