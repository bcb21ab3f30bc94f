"""Runs a real PgBouncer with the shipped configuration."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import psycopg

from tests.programs import Program, give, running, write_edited

_SHIPPED_SERVER: Final = "motcua = host=127.0.0.1 port=5000 dbname=motcua"


@contextmanager
def running_pgbouncer(
    folder: Path,
    *,
    port: int,
    server: str,
    secrets: Mapping[str, str],
    edits: Mapping[str, str] | None = None,
) -> Iterator[Program]:
    """Start it before the server of a libpq string, for roles with their secrets, and stop it at the end."""
    users = folder / "userlist.txt"
    users.write_text("".join(f'"{role}" "{secret}"\n' for role, secret in secrets.items()), encoding="utf-8")
    configuration = write_edited(
        "pgbouncer.ini",
        folder / "pgbouncer.ini",
        {
            _SHIPPED_SERVER: f"motcua = {server}",
            "listen_port = 6432": f"listen_port = {port}",
            "/etc/pgbouncer/userlist.txt": str(give(users)),
            # In the foreground it needs neither.
            "pidfile = /var/run/postgresql/pgbouncer.pid\n": "",
            "logfile = /var/log/postgresql/pgbouncer.log\n": "",
            **(edits or {}),
        },
    )
    with running(["pgbouncer", str(configuration)], folder / "pgbouncer.log", port=port) as program:
        yield program


def secret_of(role: str, administrator_url: str) -> str:
    """Read what PostgreSQL keeps of a role's password."""
    with psycopg.connect(administrator_url) as connection:
        row = connection.execute("SELECT rolpassword FROM pg_authid WHERE rolname = %s", [role]).fetchone()
    assert row is not None
    return str(row[0])
