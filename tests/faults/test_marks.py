"""What people write goes in through every operation, and stands nowhere afterwards in the clear."""

import base64
import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import httpx
import psycopg
import pytest
from psycopg import sql

from tests.api.hostile.operations import (
    FORM,
    LOG_IN,
    OPERATIONS,
    REGISTER,
    WITH_JSON,
    Operation,
    changed,
    members,
)
from tests.databases import PostgresCopies
from tests.processes import Service, running_service

NUMBER: Final = "100190765432"
WORD: Final = "zzmarkzz"
BIRTH_DATE: Final = "1907-03-14"
MARKS: Final = (NUMBER.encode(), WORD.encode(), BIRTH_DATE.encode())

MARKED: Final = {
    "full_name": f"NGUYỄN {WORD.upper()}",
    "id_number": NUMBER,
    "birth_date": BIRTH_DATE,
    "purpose": f"Hỏi về {WORD}",
    "note": f"Ghi chú {WORD}\nvà {NUMBER}",
    "phone": f"+{NUMBER}",
    "email": f"{WORD}.{NUMBER}@example.vn",
    "address": f"Số 1, {WORD}",
    "other_document": f"Hộ chiếu {WORD}",
    "organization_name": f"Công ty {WORD}",
    "related_url": f"https://example.vn/{WORD}/{NUMBER}",
    "name": f"Tờ khai {WORD}",
}
"""Members that hold what a person wrote, by their names in any body."""

# What an administrator writes is no personal data: names of procedures stand as they are.
OF_PERSONS: Final = [operation for operation in OPERATIONS if operation.account != "admin"]
# A code that it takes is known to the phone alone.
NEEDS_A_PHONE: Final = "/me/second-factor"
CHANGES_PASSWORD: Final = "/me/password"
OF_PERSONS_WITH_JSON: Final = [operation for operation in WITH_JSON if operation in OF_PERSONS]


def _plain_forms() -> Iterator[bytes]:
    """Give what somebody could make of a value without a key: hashes, as bytes and written, and encodings."""
    values = {text for written in MARKED.values() for text in (written, written.upper(), written.lower())}
    for value in (text.encode() for text in {*values, WORD}):
        for name in ("md5", "sha1", "sha256", "sha512", "blake2b", "sha3_256"):
            digest = hashlib.new(name, value, usedforsecurity=False).digest()
            yield from (digest, digest.hex().encode(), digest.hex().upper().encode())
            yield from (base64.b64encode(digest), base64.urlsafe_b64encode(digest))
        yield from (value.hex().encode(), base64.b64encode(value).rstrip(b"="))


PLAIN_FORMS: Final = frozenset(_plain_forms())

Everything = Callable[[], bytes]


@pytest.fixture
def sqlite_place(tmp_path: Path) -> tuple[str, Everything]:
    """Give a database and the way to all bytes of its files, the write-ahead log included."""

    def everything() -> bytes:
        files = sorted(tmp_path.glob("marks.db*"))
        assert files
        return b"\n".join(file.read_bytes() for file in files)

    return f"sqlite:///{tmp_path / 'marks.db'}", everything


@pytest.fixture
def postgres_place(postgres: PostgresCopies) -> Iterator[tuple[str, Everything]]:
    """Give a database and the way to all its rows, with what is bytes there as the bytes."""
    name = postgres.create()
    url = postgres.url_of(name)

    def everything() -> bytes:
        with psycopg.connect(url) as connection:
            found = connection.execute(
                "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
            ).fetchall()
            assert found
            rows = [
                row
                for (table,) in found
                for row in connection.execute(sql.SQL("SELECT * FROM {}").format(sql.Identifier(table)))
            ]
        cells = (cell for row in rows for cell in row)
        return b"\n".join(cell if isinstance(cell, bytes) else str(cell).encode() for cell in cells)

    yield url, everything
    postgres.drop(name)


@dataclass
class Writer:
    """Somebody who writes marks into every operation, as the account that may use it."""

    service: Service
    client: httpx.Client
    _tokens: dict[str, str] = field(default_factory=dict)

    def call(
        self, operation: Operation, *, path: dict[str, str] | None = None, **request: Any
    ) -> httpx.Response:
        """Send the valid request with something else in place of a part of it."""
        headers: dict[str, Any] = {}
        if operation.account is not None:
            headers["Authorization"] = f"Bearer {self._token(operation.account)}"
        if not request.keys() & {"json", "content", "data"}:
            request |= {"data" if operation.media_type == FORM else "json": operation.body}
        if operation.media_type is not None:
            headers["Content-Type"] = operation.media_type
        headers |= request.pop("headers", {})
        answer = self.client.request(
            operation.method, operation.target(**path or {}), headers=headers, **request
        )
        if operation.path == CHANGES_PASSWORD and operation.account and answer.is_success:
            # A new password ends the tokens from before.
            self._tokens[operation.account] = self.service.token(
                operation.account, operation.body["new_password"]
            )
        return answer

    def get(self, path: str) -> Any:
        """Read something as the receiver."""
        headers = {"Authorization": f"Bearer {self._token('receiver')}"}
        return self.client.get(path, headers=headers).raise_for_status().json()

    def audit_records(self) -> bytes:
        """Read all that the audit log shows."""
        headers = {"Authorization": f"Bearer {self._token('auditor')}"}
        pages, cursor = [], ""
        while cursor is not None:
            query = {"limit": "200"} | ({"cursor": cursor} if cursor else {})
            answer = self.client.get("/audit/records", params=query, headers=headers).raise_for_status()
            pages.append(answer.content)
            cursor = answer.json()["next_cursor"]
        return b"\n".join(pages)

    def _token(self, account: str) -> str:
        if account not in self._tokens:
            self._tokens[account] = self.service.token(account)
        return self._tokens[account]

    def write_what_is_accepted(self) -> str:
        """Put all marks at once into each body, then read in every way; give the case's number."""
        number = ""
        for operation in sorted(OF_PERSONS_WITH_JSON, key=lambda operation: operation != REGISTER):
            body = operation.body
            for steps, _ in members(operation.schema):
                if steps[-1] in MARKED:
                    body = changed(body, steps, MARKED[str(steps[-1])])
            answer = self.call(operation, json=body, path={"receipt_number": number})
            assert answer.is_success or operation.path == NEEDS_A_PHONE, (str(operation), answer.text)
            if operation == REGISTER:
                number = answer.json()["receipt_number"]
        for operation in OF_PERSONS:
            if operation.method == "GET":
                self.call(operation, path={"receipt_number": number})
        return number

    def write_what_is_refused(self, mark: str) -> None:
        """Put a mark where it does not belong; what is accepted there is a filter that finds nothing."""
        for operation in OF_PERSONS_WITH_JSON:
            for steps, schema in members(operation.schema):
                if "properties" not in schema and steps[-1] not in MARKED:
                    check(self.call(operation, json=changed(operation.body, steps, mark)))
                    check(self.call(operation, json=changed(operation.body, steps, {mark: mark})))
            check(self.call(operation, json=operation.body | {mark: mark}))
            check(self.call(operation, content=f'{{"note": "{mark}'.encode()))
        for operation in OF_PERSONS:
            for name in (*operation.query_names, mark):
                check(self.call(operation, params={name: mark}))
            check(self.call(operation, headers={"Authorization": f"Bearer {mark}".encode()}))
            for parameter in operation.parameters:
                if parameter["in"] == "path":
                    check(self.call(operation, path={parameter["name"]: quote(mark)}))
        form = {"grant_type": "password", "username": mark, "password": mark}
        check(self.call(LOG_IN, data=form))


def check(answer: httpx.Response) -> None:
    """See that an answer, if it is a refusal, repeats nothing."""
    assert answer.status_code < 500
    if not answer.is_success:
        assert marks_in(answer.content + repr(answer.headers.raw).encode()) == []


def traces_in(content: bytes) -> list[bytes]:
    """Find marks, and what anybody could make of them and compare."""
    return [*marks_in(content), *(form for form in PLAIN_FORMS if form in content)]


def marks_in(content: bytes) -> list[bytes]:
    return [mark for mark in MARKS if mark in content.lower()]


@pytest.mark.parametrize("place", ["sqlite_place", "postgres_place"])
def test_no_mark_stands_in_a_log_a_refusal_or_in_the_clear_in_the_database(
    place: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    url, everything = request.getfixturevalue(place)
    with (
        running_service(url, tmp_path, log_level="debug") as service,
        httpx.Client(base_url=service.base_url, timeout=30) as client,
    ):
        writer = Writer(service, client)
        number = writer.write_what_is_accepted()
        for mark in (MARKED["full_name"], NUMBER):
            writer.write_what_is_refused(mark)
        case = writer.get(f"/cases/{number}")
        assert (case["applicant"]["full_name"], case["note"]) == (MARKED["full_name"], MARKED["note"])
        assert marks_in(client.get("/metrics").raise_for_status().content) == []
        records = writer.audit_records()
        assert traces_in(records) == []
        assert number.encode() in records
        assert traces_in(everything()) == []
    assert traces_in(everything()) == []
    assert traces_in(service.log.read_bytes()) == []


def test_what_is_looked_for_would_be_found() -> None:
    value = MARKED["full_name"].encode()
    for kept in (value, hashlib.sha256(value).digest(), base64.b64encode(hashlib.md5(value).digest())):  # noqa: S324
        assert traces_in(b"\x00\x01" + kept + b"\xff")
    assert traces_in(b"nothing of it") == []
