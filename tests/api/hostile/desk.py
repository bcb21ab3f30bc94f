"""A service under attack: sends a request and holds the answer, the log and the database to the rules."""

import asyncio
import re
import time
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from io import StringIO
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from fastapi import FastAPI
from sqlalchemy import Engine, Select, delete, func, insert, select, update

from app.db.audit_tables import AuditRecord
from app.db.tables import Base, CaseFile, Officer, Webhook, WebhookDeadLetter
from app.domain.caller import Role
from tests.api.hostile.body_values import MARKS
from tests.api.hostile.operations import FORM, Operation
from tests.api.hostile.raw_asgi import RawAnswer, RawRequest, send
from tests.conftest import NOON

REFUSED: Final = frozenset({400, 401, 403, 404, 405, 408, 409, 411, 413, 414, 415, 422, 431})
SLOWEST_SECONDS: Final = 1.0
ACCEPTED: Final = frozenset({200, 201, 204, 304})

_WEBHOOK_ID: Final = UUID("6f1c6e0e-5d0a-4a3c-9f0b-0a4b7e6c2d11")
# Never due, so that nobody is sent anything.
WEBHOOK: Final = {
    "id": _WEBHOOK_ID,
    "url": "https://portal.example.vn/hook",
    "agency_code": "H24",
    "secret_sealed": b"",
    "created_by": "admin",
    "created_at": NOON,
    "delivered_to": 0,
    "failures": 0,
    "next_at": NOON + timedelta(days=1),
}
DEAD_LETTER: Final = {
    "webhook_id": _WEBHOOK_ID,
    "sequence": 0,
    "failure": "timeout",
    "given_up_at": NOON,
    "is_to_resend": False,
}
_CHANGED_AWAY: Final = re.compile("/auth/token|/cases/[^/]+/status|/me/.*|/webhooks.*")
_PROBLEM: Final = {"type", "title", "status", "detail", "instance", "code", "request_id"}


# The sandbox has an account of each role, under the role's name, and one password for all.
_OFFICERS: Final = tuple(role.value for role in Role)

_SUMS: Final = {"case_file": "version", "receipt_counter": "last_number"}


# Bad log-ins are counted by account and by where they come from, which is what a refusal is there to change.
_COUNTS_REFUSALS: Final = "login_source"


def _questions() -> Iterator[Select[Any]]:
    """Ask for what changes with whatever is changed in the database."""
    for name, table in Base.metadata.tables.items():
        if not name.startswith("audit_") and name != _COUNTS_REFUSALS:
            yield select(func.count()).select_from(table)
        if name in _SUMS:
            yield select(func.sum(table.c[_SUMS[name]]))
    yield select(func.count()).where(AuditRecord.kind.not_in(["DENIED", "ACCESS"]))


_STATE: Final = select(*(question.scalar_subquery() for question in _questions()))


@dataclass
class HostileDesk:
    """One service on one database; `account` is how the officers' began, `logs` is where it logs now.

    `second_factor` is what the receiver is offered.
    """

    app: FastAPI
    database: Engine
    account: dict[str, Any]
    second_factor: bytes = field(repr=False)
    logs: StringIO = field(default_factory=StringIO)
    _tokens: dict[str, str] = field(default_factory=dict)
    _ended: dict[bytes, str] = field(default_factory=dict)

    async def token(self, account: str) -> str:
        """Log in as a sandbox account; once, while the token lasts."""
        if account not in self._tokens:
            await asyncio.to_thread(self._make_ready)
            form = (
                {"grant_type": "client_credentials", "client_id": account, "client_secret": "sandbox"}
                if account == "portal"
                else {"grant_type": "password", "username": account, "password": "sandbox"}
            )
            headers = ((b"content-type", FORM.encode()),)
            answer = await send(
                self.app, RawRequest("POST", "/auth/token", headers, urlencode(form).encode())
            )
            assert answer.status == 200, answer.body
            self._tokens[account] = answer.json()["access_token"]
        return self._tokens[account]

    async def request(self, operation: Operation) -> RawRequest:
        """Give the operation's valid request."""
        return operation.request(await self.token(operation.account) if operation.account else None)

    def _make_ready(self) -> None:
        """Put back what the examples need and one of them takes away: a status, a webhook, an account."""
        with self.database.begin() as connection:
            connection.execute(update(CaseFile).values(status="received"))
            connection.execute(delete(WebhookDeadLetter))
            connection.execute(delete(Webhook))
            connection.execute(insert(Webhook).values(WEBHOOK))
            connection.execute(insert(WebhookDeadLetter).values(DEAD_LETTER))
            connection.execute(update(Officer).where(Officer.username.in_(_OFFICERS)).values(self.account))
            receiver = update(Officer).where(Officer.username == Role.RECEIVER.value)
            connection.execute(receiver.values(second_factor_offered=self.second_factor))

    async def _with_good_token(self, request: RawRequest) -> RawRequest:
        """Replace a token that an attack before this one ended."""
        account = self._ended.get(_authorization(request))
        if account is None:
            return request
        return request.with_header("authorization", _bearer(await self.token(account)))

    def _note_ended(self, request: RawRequest) -> None:
        """A new password ends the tokens of whoever set it."""
        sent = _authorization(request)
        for account, token in tuple(self._tokens.items()):
            if sent == _bearer(token):
                self._ended[sent] = account
                del self._tokens[account]

    def denied(self) -> int:
        """Count the refusals on record."""
        with self.database.connect() as connection:
            question = select(func.count()).where(AuditRecord.kind == "DENIED")
            count: int = connection.execute(question).scalar_one()
            return count

    def state(self) -> tuple[Any, ...]:
        """Tell apart any two states of the database, but for the audit log's refusals and readings."""
        with self.database.connect() as connection:
            return tuple(connection.execute(_STATE).one())

    async def attack(self, request: RawRequest, expected: Collection[int] = REFUSED) -> RawAnswer:
        """Send a request and check everything that holds whatever was sent."""
        path = request.target.partition("?")[0]
        request = await self._with_good_token(request)
        if _CHANGED_AWAY.fullmatch(path):
            # In a thread, for what holds the lock may need the event loop to end.
            await asyncio.to_thread(self._make_ready)
        before = self.state()
        began = time.perf_counter()
        answer = await send(self.app, request)
        assert answer.status in expected, (answer.status, answer.body[:500])
        if time.perf_counter() - began > SLOWEST_SECONDS:
            await self._take_time_again(request)
        assert answer.header("x-content-type-options") == "nosniff"
        if answer.status in ACCEPTED:
            if path == "/me/password":
                self._note_ended(request)
        else:
            assert self.state() == before
            assert [mark for mark in MARKS if mark in answer.everything().lower()] == []
            check_refusal(answer, is_for_token=path == "/auth/token")
        log = self.logs.getvalue().lower().encode(errors="replace")
        assert [mark for mark in MARKS if mark in log] == []
        return answer

    async def _take_time_again(self, request: RawRequest) -> None:
        """See whether it was the request that took so long, or the machine: one of some others tells."""
        for _ in range(5):
            began = time.perf_counter()
            await send(self.app, request)
            if time.perf_counter() - began <= SLOWEST_SECONDS:
                return
        raise AssertionError("always slower than a request may be")

    async def is_healthy(self) -> bool:
        answer = await send(self.app, RawRequest("GET", "/health/ready"))
        return answer.status == 200


def _bearer(token: str) -> bytes:
    return b"Bearer " + token.encode()


def _authorization(request: RawRequest) -> bytes:
    return dict(request.headers).get(b"authorization", b"")


def check_refusal(answer: RawAnswer, *, is_for_token: bool) -> None:
    """Check the shape of a refusal: a problem, or for a token what RFC 6749 says."""
    document = answer.json()
    if is_for_token and answer.header("content-type") == "application/json":
        assert answer.status in {400, 401}
        assert set(document) == {"error", "error_description"}
        return
    assert answer.header("content-type") == "application/problem+json"
    assert set(document) == _PROBLEM | ({"errors"} if answer.status == 422 else set())
    assert document["status"] == answer.status
    assert document["type"] == f"/problems/{document['code']}"
    assert document["request_id"] == answer.header("x-request-id")
    assert document["instance"].startswith("/requests/")
    for fault in document.get("errors", ()):
        assert set(fault) == {"pointer", "code", "message"}
