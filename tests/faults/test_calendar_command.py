"""`motcua calendar` as an operator uses it, beside a running service."""

import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.conftest import DATABASES
from tests.databases import PostgresCopies
from tests.processes import Service, motcua, running_service

IN_FORCE_SECONDS = 60.0
# What is read from the command line, or comes with the service, is the same on any database.
ON_ONE = pytest.mark.parametrize("database_url", DATABASES[:1], indirect=True)
RECEIVED = "2027-02-02T07:30:00+07:00"


@dataclass
class Operator:
    """Runs the command on the service's database."""

    service: Service
    database_url: str
    folder: Path

    def calendar(self, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
        chosen = {"database_url": self.database_url, "key_file": f"{self.folder}/keys.json"} | settings
        return motcua("calendar", *arguments, **chosen)

    def get(self, username: str, path: str, **params: str) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.service.token(username)}"}
        url = f"{self.service.base_url}{path}"
        return httpx.get(url, params=params, headers=headers, timeout=30).raise_for_status()

    def due_at(self) -> str:
        answer = self.get("receiver", "/procedures/1.000894/due-date", received_at=RECEIVED)
        due_at: str = answer.json()["due_at"]
        return due_at


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
def operator(database_url: str, tmp_path: Path) -> Iterator[Operator]:
    with running_service(database_url, tmp_path) as service:
        yield Operator(service, database_url, tmp_path)


def test_a_notice_reaches_a_running_service_and_the_audit_log(operator: Operator) -> None:
    # Tuesday 2/2 and Wednesday 3/2, then Thursday 11/2, Friday 12/2 and Monday 15/2 as guessed.
    assert operator.due_at() == "2027-02-15T17:00:00+07:00"
    notice = operator.folder / "notice.csv"
    notice.write_text(
        "day,kind,name\n2027-02-03,off,Nghỉ Tết\n2027-02-11,off,Nghỉ Tết\n2027-02-13,working,Làm bù\n",
        encoding="utf-8",
    )
    done = operator.calendar("import", str(notice))
    assert (done.returncode, done.stderr) == (0, "")
    # Tuesday 2/2, then Friday 12/2, Saturday 13/2, Monday 15/2 and Tuesday 16/2.
    _wait_for(operator, "2027-02-16T17:00:00+07:00")
    assert operator.calendar("remove", "2027-02-13").returncode == 0
    _wait_for(operator, "2027-02-17T17:00:00+07:00")
    records = operator.get("auditor", "/audit/records", kind="CHANGE").json()["items"]
    assert [
        (item["record"]["result"], item["record"]["details"]["day"], item["record"]["details"]["new"])
        for item in records
    ] == [
        ("calendar-day-removed", "2027-02-13", "built-in"),
        ("calendar-day-set", "2027-02-13", "working"),
        ("calendar-day-set", "2027-02-11", "off"),
        ("calendar-day-set", "2027-02-03", "off"),
    ]


def _wait_for(operator: Operator, due_at: str) -> None:
    deadline = time.monotonic() + IN_FORCE_SECONDS
    while operator.due_at() != due_at:
        assert time.monotonic() < deadline, "the service never followed"
        time.sleep(0.5)


@ON_ONE
def test_a_year_is_shown_with_where_each_day_comes_from(operator: Operator) -> None:
    shown = operator.calendar("show", "--year", "2026")
    assert (shown.returncode, shown.stderr) == (0, "")
    lines = shown.stdout.splitlines()
    assert lines[0] == "2026: Mon-Fri 07:30-11:30,13:00-17:00"
    assert "2026-01-02 Fri off     built-in     Ngày nghỉ (thay cho ngày 10/01/2026)" in lines
    assert any(line.startswith("2026-01-10 Sat working built-in") for line in lines)
    assert "guess" not in shown.stdout
    guessed = operator.calendar("show", "--year", "2027").stdout
    assert "The notice for 2027 is not known" in guessed
    assert "2027-02-04 Thu off     guess        29 Tết" in guessed.splitlines()
    added = operator.calendar("add", "2027-02-04", "--off", "--name", "Nghỉ Tết")
    assert (added.returncode, added.stdout.split(";")[0]) == (0, "2027-02-04 is off")
    (line,) = (
        line
        for line in operator.calendar("show", "--year", "2027").stdout.splitlines()
        if line.startswith("2027-02-04")
    )
    assert line.startswith("2027-02-04 Thu off     cli:")
    assert line.endswith("Nghỉ Tết")


@ON_ONE
def test_what_is_wrong_is_told_and_changes_nothing(operator: Operator) -> None:
    notice = operator.folder / "notice.csv"
    notice.write_text("day,kind,name\n2027-02-03,off,Nghỉ\n2027-02-31,off,Nghỉ\n", encoding="utf-8")
    before = operator.calendar("show", "--year", "2027").stdout
    for arguments, reason in (
        (("import", str(notice)), "line 3: a day is written YYYY-MM-DD; nothing was changed"),
        (("import", "/nowhere.csv"), "does not exist"),
        (("add", "2027-02-31", "--off", "--name", "x"), "a day is written YYYY-MM-DD"),
        (("add", "2050-01-01", "--off", "--name", "x"), "the calendar has the years 2020 to 2040"),
        (("add", "2027-02-03", "--name", "x"), "--off"),
        (("add", "2027-02-03", "--off"), "--name"),
        (("add", "2027-02-03", "--off", "--name", " "), "a name has 1 to 200 characters"),
        (("remove", "2027-02-03"), "nothing was said of 2027-02-03"),
        (("show", "--year", "2050"), "2020<=x<=2040"),
    ):
        done = operator.calendar(*arguments)
        assert (done.returncode, done.stdout) == (2, "")
        assert reason in done.stderr
        assert "Traceback" not in done.stderr
    assert operator.calendar("show", "--year", "2027").stdout == before
    keyless = operator.calendar("add", "2027-02-03", "--off", "--name", "x", key_file="/nowhere/keys.json")
    assert (keyless.returncode, "keys.json" in keyless.stderr) == (2, True)
    hourless = operator.calendar("show", working_hours="all day")
    assert (hourless.returncode, "MOTCUA_WORKING_HOURS" in hourless.stderr) == (2, True)
    assert operator.get("auditor", "/audit/records", kind="CHANGE").json()["items"] == []
