"""The service behind a real PgBouncer in transaction mode, with fewer connections than it has of its own."""

import json
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
import pytest
from sqlalchemy.engine import make_url

from tests.databases import PostgresCopies
from tests.fault_proxy import fault_proxy
from tests.pgbouncer import running_pgbouncer, secret_of
from tests.processes import Service, free_port, motcua, running_service
from tests.proxy.test_passing import LOOKUP

FEW = {"default_pool_size = 40": "default_pool_size = 3"}
_CASE = {
    "procedure_code": "1.004194",
    "channel": "in_person",
    "applicant": {name: LOOKUP[name] for name in ("full_name", "id_number", "birth_date")},
}


class Pooled:
    """A database of its own, with the service's role, and the way to it through a pooler."""

    def __init__(self, role_url: str, owner_url: str, server_port: int, folder: Path) -> None:
        self._role_url = make_url(role_url)
        self._owner_url = owner_url
        self._server_port = server_port
        self.folder = folder
        self.port = free_port()

    @property
    def url(self) -> str:
        through = self._role_url.set(host="127.0.0.1", port=self.port, database="motcua", query={})
        return through.render_as_string(hide_password=False)

    @contextmanager
    def pooling(self, **edits: str) -> Iterator[None]:
        """Run PgBouncer for as long as the block lasts."""
        role = self._role_url.username
        assert role is not None
        with running_pgbouncer(
            self.folder,
            port=self.port,
            server=f"host=127.0.0.1 port={self._server_port} dbname={self._role_url.database}",
            secrets={role: secret_of(role, self._owner_url)},
            edits=edits,
        ):
            yield

    def motcua(self, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
        chosen = {"database_url": self.url, "key_file": f"{self.folder}/keys.json"} | settings
        return motcua(*arguments, **chosen)

    def doctor(self, **settings: str) -> list[tuple[str, str]]:
        """Have the pooler looked at; give states and messages."""
        findings = json.loads(self.motcua("doctor", "--json", **settings).stdout)["findings"]
        return [(found["state"], found["message"]) for found in findings if found["check"] == "pooler"]


@pytest.fixture
def pooled(postgres: PostgresCopies, migrated_postgres: str) -> Iterator[Pooled]:
    name = postgres.create(template=migrated_postgres)
    role_url = postgres.restrict(name)
    with (
        # PgBouncer runs as a user who may reach neither pytest's own folder nor the server's socket.
        TemporaryDirectory(prefix="motcua-pooled-") as folder,
        fault_proxy(postgres.server_url) as (proxy, _),
    ):
        Path(folder).chmod(0o755)
        yield Pooled(role_url, postgres.url_of(name), proxy.port, Path(folder))
    postgres.drop(name)
    postgres.drop_role(name)


def _headers(service: Service, username: str = "receiver") -> dict[str, str]:
    return {"Authorization": f"Bearer {service.token(username)}"}


def test_many_at_once_look_up_register_and_search_over_three_connections(pooled: Pooled) -> None:
    settings = {"database_pooler": "transaction", "workers": "2"}
    with (
        pooled.pooling(**FEW),
        running_service(pooled.url, pooled.folder, **settings) as service,
        httpx.Client(base_url=service.base_url, headers=_headers(service), timeout=30) as client,
    ):

        def one(number: int) -> int:
            match number % 4:
                case 0:
                    return client.post("/cases", json=_CASE).status_code
                case 1:
                    return client.post("/cases/search", json={"full_name": "nguyen"}).status_code
                case _:
                    return client.post("/verify/id-card", json=LOOKUP).status_code

        with ThreadPoolExecutor(16) as threads:
            answered = list(threads.map(one, range(400)))
        assert {number % 4: {*answered[number::4]} for number in range(4)} == {
            0: {201},
            1: {200},
            2: {200},
            3: {200},
        }
        # Read by a cursor, which lasts as long as its transaction.
        report = client.get("/reports/snooping", headers=_headers(service, "auditor"))
        assert {finding["count"] for finding in report.json()["findings"]} == {200}, report.text
        listed = client.get("/cases?limit=100").json()["items"]
        counters = sorted(int(case["receipt_number"].rpartition("-")[2]) for case in listed)
        assert counters == list(range(1, 101))
        checked = pooled.motcua("audit", "verify")
        assert checked.returncode == 0, checked.stderr


def test_commands_of_the_operator_pass_too(pooled: Pooled) -> None:
    with pooled.pooling():
        # A lock that outlived its transaction would stop the second one.
        for _ in range(2):
            migrated = pooled.motcua("migrate")
            assert (migrated.returncode, migrated.stderr) == (0, "")
        assert pooled.doctor(database_pooler="transaction") == [
            ("OK", "its sessions are set as the service needs them")
        ]


def test_the_doctor_tells_of_a_pooler_that_is_not_set(pooled: Pooled) -> None:
    with pooled.pooling():
        ((state, message),) = pooled.doctor()
    assert state == "FAIL"
    assert "MOTCUA_DATABASE_POOLER" in message


@pytest.mark.parametrize(
    ("shipped", "edited", "named"),
    [
        ("SET lock_timeout = 15000", "SET lock_timeout = 0", "lock_timeout"),
        ("SET synchronous_commit = on", "SET synchronous_commit = off", "synchronous_commit"),
    ],
)
def test_the_doctor_tells_of_sessions_that_are_not_set(
    pooled: Pooled, shipped: str, edited: str, named: str
) -> None:
    with pooled.pooling(**{shipped: edited}):
        ((state, message),) = pooled.doctor(database_pooler="transaction")
    assert state == "FAIL"
    assert named in message
