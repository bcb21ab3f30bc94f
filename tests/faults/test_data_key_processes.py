"""`motcua keys rotate` on a service that goes on working, step by step, and on one that is stopped."""

from pathlib import Path
from typing import Any

import httpx
import pyotp
from sqlalchemy import text

from app.keys.data_keys import DataKeys
from app.keys.key_file import Keys
from tests.databases import tampering
from tests.faults.test_processes import CASE, LOOKUP
from tests.processes import Service, motcua, running_service

HOSTS = {"webhook_hosts": "portal.example.vn"}


class Desk:
    """Asks a running service as its officers do, and expects to be answered."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._headers: dict[str, dict[str, str]] = {}

    def ask(self, officer: str, method: str, path: str, **sent: Any) -> Any:
        """Ask, and return what was answered."""
        if officer not in self._headers:
            self._headers[officer] = {"Authorization": f"Bearer {self._service.token(officer)}"}
        headers = self._headers[officer] | sent.pop("headers", {})
        answer = httpx.request(method, f"{self._service.base_url}{path}", headers=headers, timeout=30, **sent)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    def register(self, key: str) -> str:
        """Register a case, change it, and return its number."""
        number: str = self.ask("receiver", "POST", "/cases", json=CASE, headers={"Idempotency-Key": key})[
            "receipt_number"
        ]
        self.ask("receiver", "PATCH", f"/cases/{number}", json={"note": f"ghi chú {key}"})
        return number

    def check(self, numbers: dict[str, str]) -> None:
        """See that everything that was ever sealed can be opened."""
        for key, number in numbers.items():
            case = self.ask("receiver", "GET", f"/cases/{number}")
            assert (case["applicant"]["full_name"], case["note"]) == (
                "NGUYỄN THỊ MINH NGỌC",
                f"ghi chú {key}",
            )
            changes = self.ask("receiver", "GET", f"/cases/{number}/history")["items"]
            assert f"ghi chú {key}" in [item.get("new") for item in changes]
            again = self.ask("receiver", "POST", "/cases", json=CASE, headers={"Idempotency-Key": key})
            assert again["receipt_number"] == number
        # The officer's own number goes to the register, and the log's data key seals whom it was about.
        assert self.ask("receiver", "POST", "/verify/id-card", json=LOOKUP)["result"] == "exists"
        looks = self.ask("auditor", "POST", "/audit/access-report", json={"id_number": "100190000001"})
        assert len(looks["items"]) >= len(numbers)


def rotate(url: str, folder: Path, *options: str, expected: int = 0) -> str:
    done = motcua("keys", "rotate", *options, database_url=url, key_file=f"{folder}/keys.json")
    assert done.returncode == expected, done.stdout + done.stderr
    return done.stdout + done.stderr


def data_keys(folder: Path) -> DataKeys:
    return Keys.read(folder / "keys.json").data_keys


def test_a_service_goes_on_through_every_step_and_the_old_key_opens_nothing_any_more(
    empty_url: str, tmp_path: Path
) -> None:
    numbers: dict[str, str] = {}
    with running_service(empty_url, tmp_path, **HOSTS) as service:
        desk = Desk(service)
        first = data_keys(tmp_path)
        numbers["first"] = desk.register("first")
        desk.ask("admin", "POST", "/webhooks", json={"url": "https://portal.example.vn/hook"})
        desk.check(numbers)
        assert "no key is prepared" in rotate(empty_url, tmp_path, "--step", "switch", expected=2)
        rotate(empty_url, tmp_path, "--step", "prepare")
    with running_service(empty_url, tmp_path, **HOSTS) as service:
        desk = Desk(service)
        numbers["prepared"] = desk.register("prepared")
        assert "does not seal yet" in rotate(empty_url, tmp_path, "--step", "finish", expected=2)
        said = rotate(empty_url, tmp_path, "--step", "switch")
        assert "case_file.content_sealed: 2" in said
        assert "webhook.secret_sealed: 1" in said
        # This process still seals with the old key, and opens what is sealed with the new one.
        numbers["switched"] = desk.register("switched")
        desk.check(numbers)
    with running_service(empty_url, tmp_path, **HOSTS) as service:
        desk = Desk(service)
        numbers["restarted"] = desk.register("restarted")
        said = rotate(empty_url, tmp_path, "--step", "finish")
        assert "case_file.content_sealed: 1" in said
        desk.check(numbers)
    with running_service(empty_url, tmp_path, **HOSTS) as service:
        desk = Desk(service)
        desk.check(numbers)
        found = desk.ask("auditor", "GET", "/audit/records?kind=CHANGE&limit=200")["items"]
    records = [item["record"] for item in found if item["record"]["result"].startswith("data-key-")]
    assert all(record["officer"] is None for record in records)
    assert all(record["details"]["made_by"].startswith("cli:") for record in records)
    assert [record["result"] for record in records] == [
        "data-key-resealed",
        "data-key-resealed",
        "data-key-switched",
        "data-key-prepared",
    ]
    last = data_keys(tmp_path)
    assert (last.coming, last.former) == (None, ())
    assert last.sealing != first.sealing


def test_a_stopped_service_gets_another_key_at_once(empty_url: str, tmp_path: Path) -> None:
    with running_service(empty_url, tmp_path) as service:
        desk = Desk(service)
        numbers = {"one": desk.register("one")}
        desk.check(numbers)
        first = data_keys(tmp_path)
        token = service.token("auditor")
        offered = httpx.post(
            f"{service.base_url}/me/second-factor",
            headers={"Authorization": f"Bearer {token}"},
            json={"current_password": "sandbox"},
            timeout=30,
        ).json()
    rotate(empty_url, tmp_path, "--yes")
    assert data_keys(tmp_path).sealing != first.sealing
    assert data_keys(tmp_path).former == ()
    with running_service(empty_url, tmp_path) as service:
        desk = Desk(service)
        desk.check(numbers)
        code = pyotp.TOTP(offered["secret"]).now()
        desk.ask("auditor", "PUT", "/me/second-factor", json={"otp": code})


def test_a_value_that_cannot_be_sealed_anew_leaves_a_changed_key_file_and_says_so(
    empty_url: str, tmp_path: Path
) -> None:
    with running_service(empty_url, tmp_path) as service:
        Desk(service).register("first")
    first = data_keys(tmp_path)
    with tampering(empty_url) as connection:
        (sealed,) = connection.execute(text("SELECT content_sealed FROM case_file")).one()
        connection.execute(
            text("UPDATE case_file SET content_sealed = :other"), {"other": bytes(len(sealed))}
        )
    said = rotate(empty_url, tmp_path, "--yes", expected=2)
    assert "not a sealed value; it is not on record that everything is sealed anew" in said
    assert "keys.json was changed" in said
    assert data_keys(tmp_path).sealing != first.sealing
    with tampering(empty_url) as connection:
        connection.execute(text("UPDATE case_file SET content_sealed = :sealed"), {"sealed": sealed})
    rotate(empty_url, tmp_path, "--step", "finish")
    assert data_keys(tmp_path).former == ()
    with running_service(empty_url, tmp_path) as service:
        Desk(service).register("second")
