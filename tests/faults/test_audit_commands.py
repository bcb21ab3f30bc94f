"""`motcua audit` as an operator and an inspector use it, against the database of a served process."""

import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text

from tests.api.conftest import NGOC
from tests.conftest import DATABASES
from tests.databases import PostgresCopies, tampering
from tests.processes import motcua, running_service

SERVED = {"audit_origin": "motcua.example/audit"}


@dataclass
class Stopped:
    """What a service that has ended left behind."""

    database_url: str
    folder: Path
    public_key: str
    sequence: int

    def audit(self, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
        chosen = (
            SERVED | {"database_url": self.database_url, "key_file": f"{self.folder}/keys.json"} | settings
        )
        return motcua("audit", *arguments, **chosen)

    def run(self, statement: str, **values: object) -> None:
        with tampering(self.database_url) as connection:
            connection.execute(text(statement), values)


@pytest.fixture(params=DATABASES)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/service.db"
        return
    postgres: PostgresCopies = request.getfixturevalue("postgres")
    name = postgres.create()
    yield postgres.url_of(name)
    postgres.drop(name)


@pytest.fixture
def stopped(database_url: str, tmp_path: Path) -> Stopped:
    with running_service(database_url, tmp_path, **SERVED) as service:
        headers = {"Authorization": f"Bearer {service.token('receiver')}"}
        body = {"procedure_code": "1.004194"} | NGOC
        for _ in range(3):
            answer = httpx.post(f"{service.base_url}/verify/id-card", json=body, headers=headers, timeout=30)
            answer.raise_for_status()
        public_key = httpx.get(f"{service.base_url}/audit/public-key", timeout=30).raise_for_status().text
    return Stopped(database_url, tmp_path, public_key, answer.json()["audit"]["sequence"])


def test_a_sound_log_ends_with_0_and_says_what_was_looked_at(stopped: Stopped) -> None:
    done = stopped.audit("verify")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("sound: ")
    assert "0 open lookups, 0 findings" in done.stdout
    told = json.loads(stopped.audit("verify", "--json").stdout)
    assert (told["findings"], told["first"]) == (0, [])
    assert told["checkpoints"] >= 2
    assert told["kept_outside"] >= 1
    nothing_outside = stopped.audit("verify", audit_anchor_directory=str(stopped.folder / "no anchor"))
    assert nothing_outside.returncode == 0
    assert "no checkpoint was kept outside the database" in nothing_outside.stdout


def test_a_log_that_was_tampered_with_ends_with_1_and_names_the_record(stopped: Stopped) -> None:
    stopped.run("UPDATE audit_record SET officer = 'other' WHERE sequence = :last", last=stopped.sequence)
    done = stopped.audit("verify")
    assert done.returncode == 1
    assert done.stdout.startswith("tampered: ")
    assert f"  record {stopped.sequence}: not as in the record: officer" in done.stdout


def test_an_inspector_verifies_with_the_public_key_and_a_copy_of_the_checkpoints(stopped: Stopped) -> None:
    key = stopped.folder / "key.txt"
    key.write_text(stopped.public_key, encoding="utf-8")
    (copy,) = (stopped.folder / "checkpoints").iterdir()
    arguments = ("verify", "--key", str(key), "--checkpoints", str(copy))
    assert stopped.audit(*arguments, key_file="/nowhere/keys.json").returncode == 0
    stopped.run("DELETE FROM audit_checkpoint")
    assert stopped.audit(*arguments).returncode == 0


def test_what_cannot_be_told_ends_with_2(stopped: Stopped) -> None:
    nowhere = stopped.audit("verify", database_url="sqlite:////nowhere/at/all.db")
    assert (nowhere.returncode, nowhere.stdout) == (2, "")
    assert nowhere.stderr.startswith("motcua: cannot tell: the database cannot be read")
    keyless = stopped.audit("verify", key_file="/nowhere/keys.json")
    assert (keyless.returncode, keyless.stdout) == (2, "")
    (anchor,) = (stopped.folder / "checkpoints").iterdir()
    for file in anchor.iterdir():
        file.unlink()
    stopped.run("DELETE FROM audit_checkpoint")
    elsewhere = stopped.audit("verify", "--checkpoints", str(anchor))
    assert (elsewhere.returncode, elsewhere.stdout) == (2, "")
    assert "no checkpoint in any checkpoints-*.jsonl there" in elsewhere.stderr
    unsigned = stopped.audit("verify")
    assert (unsigned.returncode, unsigned.stdout.startswith("cannot tell: ")) == (2, True)


@pytest.mark.parametrize("database_url", DATABASES[:1], indirect=True)
def test_a_bundle_is_checked_without_a_database(stopped: Stopped) -> None:
    proved = stopped.audit("prove", str(stopped.sequence))
    assert (proved.returncode, proved.stderr) == (0, "")
    bundle, key = stopped.folder / "bundle.json", stopped.folder / "key.txt"
    bundle.write_text(proved.stdout, encoding="utf-8")
    key.write_text(stopped.public_key, encoding="utf-8")
    arguments = ("check-bundle", str(bundle), "--key", str(key))
    checked = stopped.audit(*arguments, database_url="sqlite:////nowhere/at/all.db")
    assert (checked.returncode, json.loads(checked.stdout)["kind"]) == (0, "OUTCOME")
    bundle.write_text(proved.stdout.replace("receiver", "receiver2"), encoding="utf-8")
    altered = stopped.audit(*arguments)
    assert (altered.returncode, altered.stdout) == (1, "")
    assert "the record is not at this place" in altered.stderr
    assert stopped.audit("prove", "999999").returncode == 2
    key.write_text("nonsense", encoding="utf-8")
    assert stopped.audit(*arguments).returncode == 2
