"""`motcua database role-script` as an administrator uses it, and the service as the role that it makes."""

from pathlib import Path

import httpx
import psycopg
import pytest
from psycopg import sql

from tests.api.conftest import NGOC
from tests.databases import PostgresCopies
from tests.processes import motcua, running_service

PARTITIONS = "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'audit_record'::regclass"


def test_the_service_serves_as_the_role_that_the_script_makes(
    postgres: PostgresCopies, tmp_path: Path
) -> None:
    name = postgres.create()
    owner_url = postgres.url_of(name)
    try:
        assert motcua("migrate", database_url=owner_url).returncode == 0
        script = motcua("database", "role-script", "--role", name, database_url=owner_url)
        assert (script.returncode, script.stderr) == (0, "")
        with psycopg.connect(owner_url, autocommit=True) as owner:
            owner.execute(script.stdout.encode())
            owner.execute(
                sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(name), sql.Literal(name))
            )
        with running_service(postgres.url_of(name, role=name), tmp_path) as service:
            with psycopg.connect(postgres.url_of(name, role=name), autocommit=True) as served_as:
                for more in ("TEMPORARY TABLE t (a int)", "TABLE public.t (a int)", "SCHEMA s"):
                    with pytest.raises(psycopg.errors.InsufficientPrivilege):
                        served_as.execute(f"CREATE {more}".encode())
            answer = httpx.post(
                f"{service.base_url}/verify/id-card",
                json={"procedure_code": "1.004194", **NGOC},
                headers={"Authorization": f"Bearer {service.token('receiver')}"},
                timeout=30,
            )
            assert (answer.status_code, answer.json()["result"]) == (200, "exists")
    finally:
        postgres.drop(name)
        postgres.drop_role(name)


def test_a_role_that_may_not_migrate_is_told_who_may(postgres: PostgresCopies) -> None:
    name = postgres.create()
    try:
        with psycopg.connect(postgres.url_of(name), autocommit=True) as owner:
            owner.execute(
                sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(sql.Identifier(name), sql.Literal(name))
            )
        refused = motcua("migrate", database_url=postgres.url_of(name, role=name))
        assert refused.returncode == 2
        assert "run `motcua migrate` as the owner of the tables" in refused.stderr
        assert "Traceback" not in refused.stderr
    finally:
        postgres.drop(name)
        postgres.drop_role(name)


@pytest.mark.parametrize(
    "strength",
    [
        "ALTER ROLE {} SUPERUSER",
        "ALTER ROLE {} CREATEROLE",
        "GRANT pg_write_all_data TO {}",
        "GRANT pg_execute_server_program TO {}",
        "ALTER SCHEMA public OWNER TO {}",
        "ALTER DATABASE {0} OWNER TO {0}",
        "ALTER TABLE public.used_assertion OWNER TO {}",
    ],
)
def test_a_role_that_may_do_more_than_serve_is_refused(postgres: PostgresCopies, strength: str) -> None:
    name = postgres.create()
    role = sql.Identifier(name)
    url = postgres.url_of(name)
    try:
        assert motcua("migrate", database_url=url).returncode == 0
        script = motcua("database", "role-script", "--role", name, database_url=url).stdout
        with psycopg.connect(url, autocommit=True) as owner:
            owner.execute(sql.SQL("CREATE ROLE {} LOGIN").format(role))
            owner.execute(sql.SQL(strength).format(role))
        with psycopg.connect(url, autocommit=True) as owner:
            with pytest.raises(psycopg.errors.RaiseException, match="may do more than serve"):
                owner.execute(script.encode())
            owner.execute("ROLLBACK")
            granted = """SELECT table_name FROM information_schema.role_table_grants
                WHERE grantee = %s AND table_name <> 'used_assertion'"""
            assert owner.execute(granted, (name,)).fetchall() == []
    finally:
        postgres.drop(name)
        postgres.drop_role(name)


def test_sqlite_has_no_roles(tmp_path: Path) -> None:
    refused = motcua("database", "role-script", database_url=f"sqlite:///{tmp_path}/service.db")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr.startswith("motcua: SQLite has no roles")


def test_the_months_partition_begins_once(postgres: PostgresCopies, migrated_postgres: str) -> None:
    name = postgres.create(template=migrated_postgres)
    url = postgres.url_of(name)
    try:
        told = motcua("database", "partitions", database_url=url)
        assert (told.returncode, told.stderr) == (0, "")
        assert told.stdout.startswith("nothing to do")
        with psycopg.connect(url, autocommit=True) as owner:
            ((newest,),) = owner.execute(PARTITIONS).fetchall()
            owner.execute(
                "INSERT INTO audit_record (sequence, event_id, leaf_hash, kind, at) "
                "VALUES (0, gen_random_uuid(), '', 'LOGIN', now())"
            )
            owner.execute(f"ALTER TABLE {newest} RENAME TO audit_record_2020_01".encode())
        told = motcua("database", "partitions", database_url=url)
        assert (told.returncode, told.stderr) == (0, "")
        assert told.stdout.endswith(" begins with record 1; audit_record_2020_01 has ended\n")
        assert motcua("database", "partitions", database_url=url).stdout.startswith("nothing to do")
    finally:
        postgres.drop(name)


def test_sqlite_has_no_partitions(tmp_path: Path) -> None:
    refused = motcua("database", "partitions", database_url=f"sqlite:///{tmp_path}/service.db")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr.startswith("motcua: SQLite has no partitions")


def test_a_strange_name_for_a_role_is_refused(postgres: PostgresCopies) -> None:
    refused = motcua("database", "role-script", "--role", 'x"; DROP', database_url=postgres.url_of("any"))
    assert (refused.returncode, refused.stdout) == (2, "")


def test_an_owner_who_may_not_make_roles_runs_the_script_again(postgres: PostgresCopies) -> None:
    name = postgres.create()
    owner = f"{name}_owner"
    try:
        with psycopg.connect(postgres.url_of(name), autocommit=True) as administrator:
            administrator.execute(
                sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(sql.Identifier(owner), sql.Literal(owner))
            )
            administrator.execute(sql.SQL("GRANT ALL ON SCHEMA public TO {}").format(sql.Identifier(owner)))
            administrator.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(name)))
        url = postgres.url_of(name, role=owner)
        assert motcua("migrate", database_url=url).returncode == 0
        script = motcua("database", "role-script", "--role", name, database_url=url).stdout
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(script.encode())
            appended_to = "SELECT has_table_privilege(%s, 'audit_record', 'INSERT')"
            assert connection.execute(appended_to, (name,)).fetchone() == (True,)
    finally:
        postgres.drop(name)
        postgres.drop_role(name)
        postgres.drop_role(owner)
