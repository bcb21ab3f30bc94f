"""`motcua agency`, `officer` and `client` as an operator uses them, on an empty and on a full database."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner, Result

from app.cli import main
from tests.conftest import DATABASES
from tests.databases import PostgresCopies
from tests.processes import running_service

STRONG = "Con Trau 14 cai sung!"
NUMBER = "100185000909"


@dataclass
class Operator:
    database_url: str
    folder: Path

    def run(self, *arguments: str, stdin: str = "") -> Result:
        others: dict[str, str | None] = {name: None for name in os.environ if name.startswith("MOTCUA_")}
        settings = {
            "MOTCUA_DATABASE_URL": self.database_url,
            "MOTCUA_KEY_FILE": f"{self.folder}/keys.json",
        }
        # In this process: a command of its own takes a second to begin, and these tests give many.
        return CliRunner().invoke(main, arguments, env=others | settings, input=stdin)

    def done(self, *arguments: str, stdin: str = "") -> str:
        result = self.run(*arguments, stdin=stdin)
        assert result.exit_code == 0, result.stderr
        return result.stdout

    def refused(self, *arguments: str, stdin: str = "") -> str:
        result = self.run(*arguments, stdin=stdin)
        assert result.exit_code == 2
        return result.stderr


@pytest.fixture(params=DATABASES)
def operator(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Operator]:
    if request.param == "sqlite":
        yield Operator(f"sqlite:///{tmp_path}/service.db", tmp_path)
        return
    postgres: PostgresCopies = request.getfixturevalue("postgres")
    name = postgres.create()
    yield Operator(postgres.url_of(name), tmp_path)
    postgres.drop(name)


@pytest.fixture
def empty(operator: Operator) -> Operator:
    operator.done("keys", "init")
    operator.done("migrate")
    return operator


def log_in(base_url: str, username: str, password: str) -> httpx.Response:
    form = {"grant_type": "password", "username": username, "password": password}
    return httpx.post(f"{base_url}/auth/token", data=form, timeout=30)


def test_the_first_administrator_comes_into_an_empty_database(empty: Operator) -> None:
    assert "added" in empty.done("agency", "set", "H24", "--name", "Tỉnh Ví Dụ")
    made = empty.done(
        *("officer", "add", "chief", "--full-name", "Quản trị Ví Dụ", "--agency", "H24", "--role", "admin"),
        *("--id-number-stdin", "--password-stdin"),
        stdin=f"{STRONG}\n{NUMBER}\n",
    )
    assert STRONG not in made
    shown = empty.done("officer", "show", "chief")
    assert "100********9" in shown
    assert NUMBER not in shown
    with running_service(empty.database_url, empty.folder) as service:
        token = log_in(service.base_url, "chief", STRONG).json()["access_token"]
        headers = {"Authorization": f"Bearer {token}"}
        answer = httpx.get(f"{service.base_url}/officers/chief", headers=headers, timeout=30)
        assert answer.json()["roles"] == ["admin"]
        auditor = {"Authorization": f"Bearer {service.token('auditor')}"}
        records = httpx.get(
            f"{service.base_url}/audit/records", params={"kind": "CHANGE"}, headers=auditor, timeout=30
        ).json()["items"]
    created = [item["record"] for item in records if item["record"]["result"] == "officer-created"]
    assert [record["details"]["officer_changed"] for record in created] == ["chief"]
    assert created[0]["details"]["made_by"].startswith("cli:")
    assert NUMBER not in str(records)
    assert STRONG not in str(records)


def test_one_root_stands_and_the_last_administrator_stays(empty: Operator) -> None:
    empty.done("agency", "set", "H24", "--name", "Tỉnh Ví Dụ")
    empty.done("agency", "set", "H24.15", "--name", "Xã Ví Dụ", "--parent", "H24")
    assert "--parent" in empty.refused("agency", "set", "H25", "--name", "Tỉnh Khác")
    assert "--parent" in empty.refused("agency", "set", "H24", "--name", "Vòng", "--parent", "H24.15")
    assert [line.split()[:2] for line in empty.done("agency", "list").splitlines()] == [
        ["H24", "-"],
        ["H24.15", "H24"],
    ]
    add = ("officer", "add", "chief", "--full-name", "A", "--agency", "H24", "--role", "admin")
    empty.done(*add)
    assert "already" in empty.refused(*add)
    assert "last active administrator" in empty.refused("officer", "disable", "chief")
    assert "last active administrator" in empty.refused("officer", "set", "chief", "--role", "manager")


def test_what_is_wrong_is_named_without_being_repeated_and_changes_nothing(empty: Operator) -> None:
    empty.done("agency", "set", "H24", "--name", "Tỉnh Ví Dụ")
    add = ("officer", "add", "new", "--full-name", "A", "--role", "receiver", "--password-stdin")
    weak = empty.refused(*add, "--agency", "H24", stdin="short\n")
    assert "--password" in weak
    assert "short" not in weak
    assert "--agency" in empty.refused(*add, "--agency", "H24.99", stdin=f"{STRONG}\n")
    wrong = empty.refused(*add, "--agency", "H24", "--id-number-stdin", stdin=f"{STRONG}\n12345x\n")
    assert "--id-number" in wrong
    assert "12345x" not in wrong
    assert "no such entry" in empty.refused("officer", "show", "new")
    assert empty.done("officer", "list") == ""


def test_a_running_service_follows_passwords_and_systems(operator: Operator) -> None:
    with running_service(operator.database_url, operator.folder) as service:
        told = operator.done("officer", "reset-password", "receiver2")
        password = told.rpartition("password: ")[2].strip()
        assert log_in(service.base_url, "receiver2", "sandbox").status_code == 400
        assert log_in(service.base_url, "receiver2", password).status_code == 200
        operator.done("officer", "disable", "receiver2")
        assert log_in(service.base_url, "receiver2", password).status_code == 400
        operator.done("officer", "enable", "receiver2")
        assert "no second factor" in operator.done("officer", "reset-second-factor", "receiver2")
        new = ("client", "set", "one-stop", "--name", "Một cửa", "--agency", "H24.15")
        operator.done(*new, "--grant", "client_credentials", "--scope", "cases:read")
        secret = operator.done("client", "reset-secret", "one-stop").rpartition("secret: ")[2].strip()
        form = {"grant_type": "client_credentials", "client_id": "one-stop", "client_secret": secret}
        answer = httpx.post(f"{service.base_url}/auth/token", data=form, timeout=30)
        assert answer.json()["scope"] == "cases:read"
        mixed = ("client", "set", "one-stop", "--scope", "cases:read", "--scope", "admin")
        assert "--scope:" in operator.refused(*mixed)
        operator.done("client", "disable", "one-stop")
        refused = httpx.post(f"{service.base_url}/auth/token", data=form, timeout=30)
        assert refused.status_code == 401
        assert "disabled" in operator.done("client", "list")
        assert "secret     yes" in operator.done("client", "show", "one-stop")
        assert "--network:" in operator.refused("client", "set", "one-stop", "--network", "no-network")
