"""The way from the service to whichever PostgreSQL writes: PgBouncer, then HAProxy."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import psycopg
from psycopg import sql

from tests.faults.cluster.nodes import FIRST_PORT, PASSWORD, SUPERUSER, Nodes
from tests.pgbouncer import running_pgbouncer, secret_of
from tests.programs import Program, running, wait_until, write_edited

PRIMARY_PORT: Final = FIRST_PORT + 40
POOL_PORT: Final = FIRST_PORT + 50
OWNER: Final = f"motcua_owner:{PASSWORD}"
SERVICE: Final = f"motcua_service:{PASSWORD}"


def address(role: str, port: int, database: str = "motcua") -> str:
    """Write the URL of a database for a role with its password."""
    return f"postgresql://{role}@127.0.0.1:{port}/{database}"


@contextmanager
def running_haproxy(folder: Path, nodes: Nodes) -> Iterator[Program]:
    """Start HAProxy in front of both hosts, and stop it at the end."""
    servers = zip(("10.1.0.21:5432", "10.1.0.22:5432"), nodes.nodes, strict=True)
    edits = {"bind 127.0.0.1:5000": f"bind 127.0.0.1:{PRIMARY_PORT}"} | {
        # All hosts of a rehearsal have one address, and so each Patroni a port of its own.
        shipped: f"127.0.0.1:{node.port} port {node.rest_port}"
        for shipped, node in servers
    }
    configuration = write_edited("haproxy.cfg", folder / "haproxy.cfg", edits)
    command = ["haproxy", "-W", "-db", "-f", str(configuration)]
    with running(command, folder / "haproxy.log", port=PRIMARY_PORT) as program:
        # Until its first look it takes both for good.
        wait_until(_leads_to_primary_alone, seconds=30, what="HAProxy's choice")
        yield program


@contextmanager
def pooled(folder: Path) -> Iterator[Program]:
    """Start PgBouncer before HAProxy, for the service's role, and stop it at the end."""
    secret = secret_of("motcua_service", address(SUPERUSER, PRIMARY_PORT))
    server = f"host=127.0.0.1 port={PRIMARY_PORT} dbname=motcua"
    with running_pgbouncer(
        folder, port=POOL_PORT, server=server, secrets={"motcua_service": secret}
    ) as program:
        yield program


def _leads_to_primary_alone() -> bool:
    """Whether several connections, which it hands out in turn, all lead to a server that writes."""
    for _ in range(4):
        with psycopg.connect(address(SUPERUSER, PRIMARY_PORT, "postgres")) as connection:
            if connection.execute("SELECT pg_is_in_recovery()").fetchone() != (False,):
                return False
    return True


def make_database() -> None:
    """Make the owner of the tables and the database, as an administrator does."""
    with psycopg.connect(address(SUPERUSER, PRIMARY_PORT, "postgres"), autocommit=True) as connection:
        connection.execute(
            sql.SQL("CREATE ROLE motcua_owner LOGIN CREATEROLE PASSWORD {}").format(sql.Literal(PASSWORD))
        )
        connection.execute("CREATE DATABASE motcua OWNER motcua_owner")


def admit_service(role_script: str) -> None:
    """Run what `motcua database role-script` printed, as the owner, and give the role its password."""
    with psycopg.connect(address(OWNER, PRIMARY_PORT), autocommit=True) as connection:
        connection.execute(role_script.encode())
        connection.execute(sql.SQL("ALTER ROLE motcua_service PASSWORD {}").format(sql.Literal(PASSWORD)))
