"""The topology of docs/scale.md on one machine: what runs, and how it is reached."""

import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tests import programs
from tests.faults.cluster import way
from tests.faults.cluster.nodes import FIRST_PORT, Nodes, running_nodes
from tests.faults.storms.world import ORIGIN, QUICK
from tests.processes import Program, Service, process_environment, running_service
from tests.proxy.nginx import Nginx, running_nginx

PROCESSES: Final = 3
_ANCHOR: Final = "anchor"
_KEYS: Final = "keys.json"


@dataclass
class Topology:
    """Three services behind nginx, over PgBouncer and HAProxy, on two PostgreSQL servers under Patroni."""

    folder: Path
    register: Mapping[str, str]
    nodes: Nodes
    haproxy: programs.Program
    pgbouncer: programs.Program
    services: list[Service] = field(default_factory=list)
    _up: ExitStack = field(default_factory=ExitStack)

    def start_service(self, number: int) -> Service:
        """Start one of the processes, for the first time or again."""
        settings = {
            **QUICK,
            **self.register,
            "database_pooler": "transaction",
            "audit_anchor_directory": str(self.folder / _ANCHOR),
            "trusted_proxies": "127.0.0.1",
            # One service, whichever process answers.
            "public_url": "https://motcua.example",
        }
        url = way.address(way.SERVICE, way.POOL_PORT)
        return self._up.enter_context(
            running_service(url, self.folder, Program(port=service_port(number)), **settings)
        )

    def stop_services(self) -> None:
        """Stop those that run, as an operator would."""
        self._up.close()

    def environment(self, database_url: str) -> dict[str, str]:
        """Environment of a command of the operator's."""
        return process_environment(
            database_url=database_url,
            key_file=self.folder / _KEYS,
            audit_origin=ORIGIN,
            audit_anchor_directory=self.folder / _ANCHOR,
        )


@contextmanager
def running_topology(folder: Path, register: Mapping[str, str]) -> Iterator[Topology]:
    """Start everything but nginx, and stop it at the end; `register` are settings of the way to it."""
    # Another user has to reach it.
    folder.chmod(0o755)
    (folder / _ANCHOR).mkdir()
    with (
        running_nodes(folder) as nodes,
        way.running_haproxy(folder, nodes) as haproxy,
    ):
        way.make_database()
        way.admit_service(_migrated(folder))
        with way.pooled(folder) as pgbouncer:
            topology = Topology(folder, register, nodes, haproxy, pgbouncer)
            try:
                topology.services += [topology.start_service(number) for number in range(PROCESSES)]
                yield topology
            finally:
                topology.stop_services()


@contextmanager
def behind_nginx(topology: Topology, *, requests_per_second: int = 200) -> Iterator[Nginx]:
    """Start nginx in front of all processes; it lets so many requests of one address through."""
    folder = topology.folder / "nginx"
    folder.mkdir()
    ports = [service_port(number) for number in range(PROCESSES)]
    with running_nginx(folder, *ports, requests_per_second=requests_per_second) as nginx:
        yield nginx


def service_port(number: int) -> int:
    """Give the port of one of the processes."""
    return FIRST_PORT + 1 + number


def _migrated(folder: Path) -> str:
    """Migrate as the tables' owner, and give the script that makes the service's role."""
    environment = process_environment(
        database_url=way.address(way.OWNER, way.PRIMARY_PORT), key_file=folder / _KEYS
    )
    said = ""
    for arguments in (["migrate"], ["database", "role-script"]):
        command = [sys.executable, "-m", "app.cli", *arguments]
        said = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
    return said
