"""`motcua doctor` as an operator runs it, over real databases, files and peers."""

import asyncio
import json
import socket
import sqlite3
import ssl
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
import trustme
from sqlalchemy import text

from app.db.engine import Database
from app.db.migrate import migrate
from app.keys.key_file import Keys
from app.keys.sealing import Sealer
from app.sandbox.load import load_sandbox
from tests.databases import PostgresCopies, copy_sqlite, tampering
from tests.migrations.test_newer_schema import EXPANDED, make_newer
from tests.processes import motcua

TLS_PEER = "localhost"
IN_PARTITION = (
    "DO $$ BEGIN EXECUTE (SELECT '{}' || inhrelid::regclass || '{}' FROM pg_inherits "
    "WHERE inhparent = 'audit_record'::regclass); END $$"
)


def examined(**settings: str) -> tuple[int, dict[str, list[tuple[str, str]]]]:
    """Run the doctor; give its exit status and, by check, the states with their messages."""
    ended = motcua("doctor", "--json", **settings)
    assert ended.stderr == ""
    found: dict[str, list[tuple[str, str]]] = {}
    for finding in json.loads(ended.stdout)["findings"]:
        found.setdefault(finding["check"], []).append((finding["state"], finding["message"]))
    return ended.returncode, found


async def load(url: str, sealer: Sealer) -> None:
    database = Database(url)
    await load_sandbox(database, sealer)
    await database.close()


def states(found: dict[str, list[tuple[str, str]]], check: str) -> list[str]:
    return [state for state, _ in found[check]]


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@contextmanager
def tls_peer(authority: trustme.CA, *, days: int = 365) -> Iterator[int]:
    """Listen as the operator would, shake hands and hear nothing: the doctor asks nothing."""
    end = datetime.now(UTC) + timedelta(days=days)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(TLS_PEER, not_after=end).configure_cert(context)
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(30)

        def serve() -> None:
            with listener.accept()[0] as peer:
                try:
                    with context.wrap_socket(peer, server_side=True) as secured:
                        heard.append(secured.recv(100))
                except (ssl.SSLError, ConnectionError):
                    heard.append(b"")

        thread = threading.Thread(target=serve)
        thread.start()
        yield listener.getsockname()[1]
        thread.join(30)
    assert heard in ([b""], [])


@pytest.fixture
def production(tmp_path: Path, authority: trustme.CA) -> dict[str, str]:
    """Give settings of a production that is well, but for where the register is."""
    for name in ("anchor", "keys", "data"):
        (tmp_path / name).mkdir()
    Keys.generate().write(tmp_path / "keys" / "keys.json")
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    database = f"sqlite:///{tmp_path}/data/service.db"
    migrate(database)
    return {
        "env": "production",
        "database_url": database,
        "key_file": f"{tmp_path}/keys/keys.json",
        "audit_anchor_directory": f"{tmp_path}/anchor",
        "public_url": "https://motcua.example.vn",
        "npd_profile": "ndxp-soap",
        "npd_username": "u",
        "npd_secret": "s",
        "npd_ca_file": f"{tmp_path}/ca.pem",
    }


def at(port: int) -> dict[str, str]:
    return {"npd_url": f"https://{TLS_PEER}:{port}/dancu"}


def test_a_production_that_is_well_is_told_so(production: dict[str, str], authority: trustme.CA) -> None:
    with tls_peer(authority) as port:
        status, found = examined(**production, **at(port))
    assert status == 0, found
    assert [check for check in found if "FAIL" in states(found, check)] == []
    for check in ("keys", "database", "audit log", "accounts", "register"):
        assert set(states(found, check)) == {"OK"}, found[check]


def test_the_lines_for_people_say_the_same_and_nothing_is_changed(
    production: dict[str, str], authority: trustme.CA, tmp_path: Path
) -> None:
    before = sorted(path for path in tmp_path.rglob("*") if path.is_file() and "-" not in path.name)
    with tls_peer(authority) as port:
        ended = motcua("doctor", **production, **at(port))
    assert ended.returncode == 0
    assert "OK    keys       the key file is sound" in ended.stdout
    assert sorted(path for path in tmp_path.rglob("*") if path.is_file() and "-" not in path.name) == before


def test_a_certificate_that_ends_soon_is_a_warning(production: dict[str, str], authority: trustme.CA) -> None:
    with tls_peer(authority, days=7) as port:
        status, found = examined(**production, **at(port))
    assert (status, states(found, "register")) == (0, ["WARN"])


def test_a_peer_that_nobody_vouches_for_is_a_failure(production: dict[str, str]) -> None:
    with tls_peer(trustme.CA()) as port:
        status, found = examined(**production, **at(port))
    assert (status, states(found, "register")) == (1, ["FAIL"])
    assert "not trusted" in found["register"][0][1]


def test_an_address_where_nobody_listens_is_a_failure(production: dict[str, str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    status, found = examined(**production, **at(port))
    assert (status, states(found, "register")) == (1, ["FAIL"])
    assert "no connection" in found["register"][0][1]


def test_settings_that_would_not_start_are_failures_without_a_value(production: dict[str, str]) -> None:
    status, found = examined(**production | {"npd_url": "http://u:hunter2@npd/", "workers": "0"})
    assert status == 1
    assert set(found) == {"settings"}
    assert set(states(found, "settings")) == {"FAIL"}
    assert "hunter2" not in str(found)
    assert examined(databse_url="x")[1] == {
        "settings": [("FAIL", "no such setting: MOTCUA_DATABSE_URL")],
    }


def test_accounts_of_the_sandbox_in_production_are_named_and_end_the_start(
    production: dict[str, str], sealer: Sealer
) -> None:
    loaded = production | at(9)
    asyncio.run(load(loaded["database_url"], sealer))
    with tampering(loaded["database_url"]) as connection:
        connection.execute(text("UPDATE officer SET is_active = false WHERE username <> 'admin'"))
    status, found = examined(**loaded)
    assert status == 1
    assert found["accounts"] == [
        ("FAIL", "open with the sandbox's password: admin, portal"),
        ("WARN", "who needs a second factor has none: admin"),
    ]
    started = motcua("serve", **loaded)
    assert started.returncode == 2
    assert "accounts of the sandbox are open with its password: admin, portal" in started.stderr
    assert "Traceback" not in started.stderr


def test_everybody_whose_role_needs_a_second_factor_is_named_without_one(
    production: dict[str, str], sealer: Sealer
) -> None:
    loaded = production | at(9) | {"second_factor_roles": "manager"}
    asyncio.run(load(loaded["database_url"], sealer))
    _, found = examined(**loaded)
    assert found["accounts"][-1] == (
        "WARN",
        "who needs a second factor has none: admin, auditor, manager, manager0",
    )


def test_keys_of_a_sandbox_are_no_keys_for_production(production: dict[str, str], tmp_path: Path) -> None:
    Keys.generate().write(tmp_path / "keys" / "made.json", is_for_sandbox=True)
    made = production | at(9) | {"key_file": f"{tmp_path}/keys/made.json"}
    assert states(examined(**made)[1], "keys") == ["FAIL"]
    started = motcua("serve", **made)
    assert (started.returncode, "the sandbox made these keys" in started.stderr) == (2, True)


def test_production_does_not_start_without_keys(production: dict[str, str], tmp_path: Path) -> None:
    none = production | at(9) | {"key_file": f"{tmp_path}/keys/none.json"}
    assert states(examined(**none)[1], "keys") == ["FAIL"]
    started = motcua("serve", **none)
    assert (started.returncode, "cannot be read" in started.stderr) == (2, True)
    assert not (tmp_path / "keys" / "none.json").exists()


def spoil(name: str, folder: Path) -> None:
    """Bring a production into a bad way."""
    match name:
        case "keys open to others":
            (folder / "keys" / "keys.json").chmod(0o644)
        case "key directory open to others":
            (folder / "keys").chmod(0o777)
        case "no anchor directory":
            (folder / "anchor").rmdir()
        case "anchor open to others":
            (folder / "anchor").chmod(0o777)
        case "no database":
            (folder / "data" / "service.db").unlink()
        case "an old schema":
            with tampering(f"sqlite:///{folder}/data/service.db") as connection:
                connection.execute(text("UPDATE alembic_version SET version_num = '0007'"))
        case "a later schema":
            make_newer(f"sqlite:///{folder}/data/service.db", *EXPANDED)
        case "a later schema without what is needed":
            make_newer(f"sqlite:///{folder}/data/service.db", "DROP TABLE used_assertion")
        case "a guard missing":
            with closing(sqlite3.connect(folder / "data" / "service.db")) as connection:
                connection.execute("DROP TRIGGER audit_record_is_not_changed")


@pytest.mark.parametrize(
    ("way", "check", "state"),
    [
        ("keys open to others", "keys", "FAIL"),
        ("key directory open to others", "keys", "WARN"),
        ("no anchor directory", "anchor", "WARN"),
        ("anchor open to others", "anchor", "FAIL"),
        ("no database", "database", "FAIL"),
        ("an old schema", "database", "FAIL"),
        ("a later schema", "database", "WARN"),
        ("a later schema without what is needed", "database", "FAIL"),
        ("a guard missing", "audit log", "FAIL"),
    ],
)
def test_what_is_in_a_bad_way_is_named(
    production: dict[str, str], tmp_path: Path, way: str, check: str, state: str
) -> None:
    spoil(way, tmp_path)
    status, found = examined(**production, **at(9))
    assert states(found, check) == [state], found
    assert status == 1
    assert (tmp_path / "data" / "service.db").exists() == (way != "no database")


def test_an_anchor_within_the_databases_directory_is_a_failure(
    production: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "data" / "anchor").mkdir()
    inside = production | at(9) | {"audit_anchor_directory": f"{tmp_path}/data/anchor"}
    assert states(examined(**inside)[1], "anchor") == ["FAIL"]


def test_an_anchor_that_can_never_be_made_is_a_failure(production: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for place in (f"{tmp_path}/file", f"{tmp_path}/none/anchor"):
        away = production | at(9) | {"audit_anchor_directory": place}
        assert states(examined(**away)[1], "anchor") == ["FAIL"], place


def test_the_sandbox_is_told_what_it_is_and_passes(tmp_path: Path, migrated_sqlite: Path) -> None:
    Keys.generate().write(tmp_path / "keys.json", is_for_sandbox=True)
    url = copy_sqlite(migrated_sqlite, tmp_path)
    status, found = examined(database_url=url, key_file=f"{tmp_path}/keys.json")
    assert status == 0
    assert states(found, "settings") == ["WARN"]
    assert states(found, "register") == ["WARN"]


@pytest.fixture
def on_postgres(
    production: dict[str, str], postgres: PostgresCopies, migrated_postgres: str
) -> Iterator[dict[str, Any]]:
    """Give the same production on PostgreSQL, as the tables' owner and as the service's own role."""
    name = postgres.create(template=migrated_postgres)
    role = postgres.restrict(name)
    yield {"owner": production | at(9) | {"database_url": postgres.url_of(name)}, "role": role, "name": name}
    postgres.drop(name)
    postgres.drop_role(name)


def test_the_services_own_role_has_its_rights_and_no_more(on_postgres: dict[str, Any]) -> None:
    _, found = examined(**on_postgres["owner"] | {"database_url": on_postgres["role"]})
    assert {check: states(found, check) for check in ("database", "rights", "audit log", "clock")} == {
        "database": ["OK"],
        "rights": ["OK"],
        "audit log": ["OK"],
        "clock": ["OK"],
    }


def test_who_owns_the_tables_should_not_serve(on_postgres: dict[str, Any]) -> None:
    status, found = examined(**on_postgres["owner"])
    assert (status, states(found, "rights")) == (1, ["FAIL"])
    assert "owns the tables" in found["rights"][0][1]


@pytest.mark.parametrize(
    ("statement", "right"),
    [
        ("GRANT UPDATE ON audit_record TO {}", "UPDATE on audit_record"),
        ("GRANT DELETE ON audit_subject TO {}", "DELETE on audit_subject"),
        ("REVOKE INSERT ON case_file FROM {}", "INSERT on case_file"),
        ("ALTER TABLE audit_record DISABLE TRIGGER ALL", "audit_record"),
        ("DROP TRIGGER audit_node_is_not_changed ON audit_node", "audit_node"),
        (
            IN_PARTITION.format("DROP TRIGGER audit_record_is_not_emptied ON ", ""),
            "audit_record_20",
        ),
    ],
)
def test_rights_and_guards_that_are_not_as_they_should_be_are_named(
    on_postgres: dict[str, Any], statement: str, right: str
) -> None:
    with psycopg.connect(on_postgres["owner"]["database_url"], autocommit=True) as owner:
        owner.execute(statement.format(f'"{on_postgres["name"]}"').encode())
    status, found = examined(**on_postgres["owner"] | {"database_url": on_postgres["role"]})
    assert status == 1
    said = [*found["rights"], *found.get("audit log", ())]
    failed = [message for state, message in said if state == "FAIL"]
    assert any(right in message for message in failed), found


def test_a_month_that_has_long_not_begun_in_a_partition_of_its_own_is_told(
    on_postgres: dict[str, Any],
) -> None:
    _, found = examined(**on_postgres["owner"] | {"database_url": on_postgres["role"]})
    assert states(found, "partitions") == ["OK"]
    with psycopg.connect(on_postgres["owner"]["database_url"], autocommit=True) as owner:
        owner.execute(IN_PARTITION.format("ALTER TABLE ", " RENAME TO audit_record_2020_01").encode())
    _, found = examined(**on_postgres["owner"] | {"database_url": on_postgres["role"]})
    ((state, message),) = found["partitions"]
    assert state == "WARN"
    assert "2020-01" in message


def test_a_database_that_is_not_there_is_no_traceback(on_postgres: dict[str, Any]) -> None:
    away = on_postgres["owner"] | {"database_url": "postgresql://u:hunter2@127.0.0.1:9/x"}
    status, found = examined(**away)
    assert (status, states(found, "database")) == (1, ["FAIL"])
    assert "hunter2" not in str(found)
