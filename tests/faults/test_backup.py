"""`motcua backup` of a service that serves, and `motcua restore` after the worst."""

import asyncio
import io
import json
import shutil
import sqlite3
import subprocess
import tarfile
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.faults.test_processes import CASE, LOOKUP, bearer, post_all
from tests.processes import Service, motcua, running_service

pytestmark = pytest.mark.anyio

SERVED = {"audit_origin": "motcua.example/audit", "budgets": "off"}


@dataclass
class House:
    """One service's place: database, keys, anchor and backups."""

    folder: Path

    @property
    def database(self) -> Path:
        return self.folder / "service.db"

    @property
    def backup(self) -> Path:
        return self.folder / "backup.tar"

    @property
    def settings(self) -> dict[str, str]:
        return SERVED | {"audit_anchor_directory": str(self.folder / "anchor")}

    def serve(self) -> AbstractContextManager[Service]:
        return running_service(f"sqlite:///{self.database}", self.folder, **self.settings)

    def run(self, *arguments: str | Path, **settings: str) -> subprocess.CompletedProcess[str]:
        chosen = {
            "database_url": f"sqlite:///{self.database}",
            "key_file": f"{self.folder}/keys.json",
            **self.settings,
            **settings,
        }
        return motcua(*arguments, **chosen)

    def lose(self, *, anchor: bool) -> None:
        """Lose the database's disk, and the anchor's if told so."""
        for path in self.folder.glob("service.db*"):
            path.unlink()
        if anchor:
            shutil.rmtree(self.folder / "anchor")


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


@pytest.fixture(scope="module")
def served_house(tmp_path_factory: pytest.TempPathFactory) -> House:
    """Give a house whose log went on for three lookups after its backup."""
    house = House(tmp_path_factory.mktemp("house"))
    with house.serve() as service:
        look(service, times=2)
        assert house.run("backup", house.backup).returncode == 0
        look(service, times=3)
    return house


@pytest.fixture
def backed_up(served_house: House, tmp_path: Path) -> House:
    shutil.copytree(served_house.folder, tmp_path / "copy")
    return House(tmp_path / "copy")


def look(service: Service, times: int = 1) -> int:
    """Make lookups; return the last one's place in the log."""
    headers = bearer(service, "receiver")
    for _ in range(times):
        answer = httpx.post(f"{service.base_url}/verify/id-card", json=LOOKUP, headers=headers, timeout=30)
        answer.raise_for_status()
    sequence: int = answer.json()["audit"]["sequence"]
    return sequence


async def test_a_backup_under_load_restores_all_that_was_acknowledged_before_it(house: House) -> None:
    file = house.backup
    with house.serve() as service:
        before = await post_all(service, "/cases", CASE, times=10, in_flight=5)
        load = asyncio.create_task(post_all(service, "/verify/id-card", LOOKUP, times=150, in_flight=10))
        await asyncio.sleep(0.1)
        made = await asyncio.to_thread(house.run, "backup", file)
        answers = await load
    assert (made.returncode, made.stderr) == (0, "")
    assert {answer.status_code for answer in answers} == {200}
    assert file.stat().st_mode & 0o777 == 0o600
    house.lose(anchor=True)
    done = house.run("restore", file)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("sound: ")
    assert house.database.stat().st_mode & 0o777 == 0o600
    assert house.run("audit", "verify").returncode == 0
    # The service goes on with it: the log, the receipt numbers, and the checkpoints that the backup held.
    with house.serve() as service:
        goes_on(service, [answer.json()["receipt_number"] for answer in before])
    assert house.run("audit", "verify").returncode == 0


def test_the_keys_are_in_no_backup(backed_up: House) -> None:
    keys = json.loads((backed_up.folder / "keys.json").read_text())
    packed = backed_up.backup.read_bytes()
    texts = [text for text in _texts(keys) if len(text) > 20]
    assert texts
    assert [text for text in texts if text.encode() in packed] == []
    backed_up.lose(anchor=False)
    (backed_up.folder / "keys.json").unlink()
    assert backed_up.run("restore", backed_up.backup).returncode == 2
    assert not backed_up.database.exists()


def goes_on(service: Service, numbers: list[str]) -> None:
    """See that the service has these cases, and goes on with its numbers, its log and its checkpoints."""
    headers = bearer(service, "receiver")
    with httpx.Client(base_url=service.base_url, headers=headers, timeout=30) as client:
        for number in numbers:
            assert client.get(f"/cases/{number}").json()["applicant"]["full_name"] == "NGUYỄN THỊ MINH NGỌC"
        again = client.post("/cases", json=CASE)
        assert int(again.json()["receipt_number"][-4:]) == len(numbers) + 1
        look(service)
        assert client.get("/health/ready").json()["audit_checkpoints"] == "current"


def _texts(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [text for part in parts for text in _texts(part)]


def test_nothing_is_written_over(backed_up: House) -> None:
    file, was = backed_up.backup, backed_up.backup.read_bytes()
    again, over = backed_up.run("backup", file), backed_up.run("restore", file)
    assert (again.returncode, over.returncode) == (2, 2)
    assert "written over" in again.stderr
    assert "written over" in over.stderr
    assert file.read_bytes() == was


def test_a_log_that_had_gone_on_is_told_and_restored_only_on_demand(backed_up: House) -> None:
    backed_up.lose(anchor=False)
    refused = backed_up.run("restore", backed_up.backup)
    assert refused.returncode == 1
    assert "nothing was restored: the log had" in refused.stderr
    assert not backed_up.database.exists()
    assert [path for path in backed_up.folder.iterdir() if "restore" in path.name] == []
    done = backed_up.run("restore", "--accept-loss", backed_up.backup)
    assert done.returncode == 0
    assert backed_up.run("audit", "verify").returncode == 1
    elsewhere = str(backed_up.folder / "anchor-2")
    assert backed_up.run("audit", "verify", audit_anchor_directory=elsewhere).returncode == 0


def test_a_backup_of_another_course_of_the_log_is_not_taken_for_a_loss(backed_up: House) -> None:
    other_course = backed_up.folder / "other-course.tar"
    assert backed_up.run("backup", other_course).returncode == 0
    backed_up.lose(anchor=True)
    assert backed_up.run("restore", backed_up.backup).returncode == 0
    # Signed once at the same size as the other course, and once beyond it.
    for times in (1, 6):
        with backed_up.serve() as service:
            look(service, times=times)
    backed_up.lose(anchor=False)
    refused = backed_up.run("restore", "--accept-loss", other_course)
    assert refused.returncode == 2
    assert "contradicts kept checkpoints" in refused.stderr
    assert not backed_up.database.exists()


@pytest.mark.parametrize("damage", ["cut", "byte", "row", "name", "other-file"])
def test_a_damaged_or_forged_backup_restores_nothing(backed_up: House, damage: str) -> None:
    backed_up.lose(anchor=True)
    _damage(backed_up.backup, damage, backed_up.folder)
    done = backed_up.run("restore", backed_up.backup)
    assert done.returncode == 2
    assert done.stderr.startswith("motcua: ")
    assert "Traceback" not in done.stderr
    assert not backed_up.database.exists()
    assert not (backed_up.folder.parent / "escaped.db").exists()


def _damage(file: Path, damage: str, folder: Path) -> None:
    packed = bytearray(file.read_bytes())
    match damage:
        case "cut":
            file.write_bytes(packed[: len(packed) // 2])
        case "byte":
            packed[len(packed) // 2] ^= 1
            file.write_bytes(packed)
        case "other-file":
            file.write_bytes(b"no backup at all")
        case "row":
            _repack(file, folder, forge=True)
        case "name":
            _repack(file, folder, names={"motcua.db": "../escaped.db"})


def _repack(file: Path, folder: Path, *, forge: bool = False, names: dict[str, str] | None = None) -> None:
    """Pack the backup anew with right digests, as someone would who knows its form."""
    from app.commands.backup_file import read_backup, write_backup  # noqa: PLC0415 - only for a forger

    unpacked = folder / "forged"
    unpacked.mkdir()
    manifest = read_backup(file, unpacked)
    if forge:
        with closing(sqlite3.connect(unpacked / "motcua.db")) as connection:
            for (name,) in connection.execute(
                "SELECT name FROM sqlite_master WHERE type = 'trigger'"
            ).fetchall():
                connection.execute(f'DROP TRIGGER "{name}"')
            connection.execute("UPDATE audit_record SET officer = 'other' WHERE sequence = 1")
            connection.commit()
    file.unlink()
    write_backup(file, unpacked, {key: manifest[key] for key in ("made_at", "version", "origin", "records")})
    if names:
        _rename_members(file, names)


def _rename_members(file: Path, names: dict[str, str]) -> None:
    source = io.BytesIO(file.read_bytes())
    with tarfile.open(fileobj=source) as old, tarfile.open(file, "w") as new:
        for member in old:
            stream = old.extractfile(member)
            assert stream is not None
            content = stream.read()
            if member.name == "manifest.json":
                for name, other in names.items():
                    content = content.replace(f'"{name}"'.encode(), f'"{other}"'.encode())
            member.name = names.get(member.name, member.name)
            member.size = len(content)
            new.addfile(member, io.BytesIO(content))


def test_postgresql_is_not_backed_up_this_way(house: House) -> None:
    elsewhere = "postgresql://nobody@127.0.0.1:9/none"
    done = house.run("backup", house.folder / "x.tar", database_url=elsewhere)
    assert done.returncode == 2
    assert "docs/operations.md" in done.stderr
