"""Mixed load: lookups, registrations and status changes of several callers, as a one-stop desk sends them.

A registration or change that was not acknowledged stays unknown until it is sent again with its key.
"""

import asyncio
import json
import random
import ssl
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any, Final, Protocol

import aiohttp

from tests.faults.storms.ledger import Ledger

MARK_WORD: Final = "ZZSTORMZZ"
MARK_NUMBER: Final = "100190765432"
PROCEDURE: Final = "1.004194"

_NGOC: Final = {"full_name": "NGUYỄN THỊ MINH NGỌC", "id_number": "100190000001", "birth_date": "1990-07-30"}
_HEAD: Final = {"full_name": "LƯƠNG VĂN CẢ", "id_number": "100062000101", "birth_date": "1962-08-19"}
_LOOKUPS: Final[list[tuple[str, dict[str, Any]]]] = [
    ("/verify/id-card", _NGOC),
    ("/citizens/share", _NGOC),
    ("/verify/household-head", {"head": _HEAD, "members": [{"id_number": "100164000102"}]}),
]
_POSITIVE: Final = {"exists", "found", "confirmed"}
_SETTLE_SECONDS: Final = 120.0
_TIMEOUT: Final = aiohttp.ClientTimeout(total=20)
_UNHEARD: Final = (aiohttp.ClientError, TimeoutError, OSError)

# What a failing register, database or process may come to. 500 never: it would be a bug of ours.
_EXPLAINED: Final = {
    "502 population-database-error",
    "502 population-database-mismatch",
    "403 population-database-refused",
    "503 population-database-unavailable",
    "504 population-database-timeout",
    "503 audit-unavailable",
    "503 service-unavailable",
    "409 idempotency-key-in-use",
    "none",
}


@dataclass(frozen=True, slots=True)
class Heard:
    """An answer, or what came instead; times in seconds of `time.monotonic`, which all processes share."""

    path: str
    told: str
    request_id: str
    began: float
    seconds: float


class Callers:
    """Calls one service as one officer; `ledger` keeps what came of it."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        token: str,
        ledger: Ledger,
        dice: random.Random,
        *,
        username: str = "receiver",
    ) -> None:
        self.may_log_in_again = False
        """Whether a token may end before its time, as where somebody turns the clock."""
        self.hear: Callable[[Heard], None] = _ignore
        """Is told of every request."""
        self._username = username
        self._logging_in = asyncio.Lock()
        self._session = session
        self._headers = {"Authorization": f"Bearer {token}"}
        self._ledger = ledger
        self._dice = dice

    async def one(self) -> str:
        """Make one request of any kind; tell what came of it, as every method here."""
        choice = self._dice.random()
        if choice < 0.6 or (choice > 0.9 and not self._ledger.cases):
            return await self.look_up()
        if choice <= 0.9:
            return await self.register(self._new_key())
        return await self.move(self._new_key())

    async def look_up(self) -> str:
        """Look up somebody who exists; an answer that says otherwise is a surprise."""
        path, body = self._dice.choice(_LOOKUPS)
        told, answer = await self._post(path, {"procedure_code": PROCEDURE, "purpose": MARK_WORD, **body})
        if told == "200":
            result = answer.get("result") or answer["head"]["result"]
            if result not in _POSITIVE:
                self._ledger.surprises.append(f"{path}: {result}")
            self._ledger.lookups[answer["lookup_id"]] = answer["audit"]["sequence"]
        return told

    async def register(self, key: str) -> str:
        """Register the case of a key, for the first time or again."""
        self._ledger.keys.setdefault(key)
        applicant = {"full_name": f"NGUYỄN {MARK_WORD}", "id_number": MARK_NUMBER, "birth_date": "1990"}
        body = {"procedure_code": PROCEDURE, "channel": "in_person", "note": f"{MARK_WORD} {key}"}
        told, answer = await self._post("/cases", body | {"applicant": applicant}, key=key)
        if told == "201":
            if key not in self._ledger.cases:
                self._ledger.cases[key] = answer["receipt_number"]
                self._ledger.untouched.append(answer["receipt_number"])
            if self._ledger.cases[key] != answer["receipt_number"]:
                self._ledger.surprises.append("one key has two receipts")
        return told

    async def move(self, key: str) -> str:
        """Begin to work on a case, for the first time or again."""
        if key not in self._ledger.moves:
            free = self._ledger.untouched
            if not free:
                return "nothing to do"
            self._ledger.moves[key] = free.pop(self._dice.randrange(len(free)))
        path = f"/cases/{self._ledger.moves[key]}/status"
        told, _ = await self._post(path, {"to": "in_progress", "note": MARK_WORD}, key=key)
        if told == "200":
            self._ledger.moved.add(key)
        return told

    async def read(self, method: str, path: str, **content: Any) -> str:
        """Ask for a list, a search or a report."""
        told, _ = await self._ask(method, path, {}, **content)
        return told

    async def _post(
        self, path: str, body: dict[str, Any], *, key: str | None = None
    ) -> tuple[str, dict[str, Any]]:
        return await self._ask("POST", path, {} if key is None else {"Idempotency-Key": key}, json=body)

    async def _ask(
        self, method: str, path: str, headers: dict[str, str], **content: Any
    ) -> tuple[str, dict[str, Any]]:
        ours = self._headers
        told, answer, request_id, began = "none", {}, "", time.monotonic()
        try:
            async with self._session.request(
                method, path, headers=ours | headers, timeout=_TIMEOUT, **content
            ) as response:
                answer, request_id = (
                    json.loads(await response.read()),
                    response.headers.get("X-Request-Id", ""),
                )
                told = (
                    f"{response.status} {answer['code']}" if response.status >= 400 else f"{response.status}"
                )
                if response.status in {429, 503} and "Retry-After" not in response.headers:
                    self._ledger.surprises.append(f"{told} without Retry-After")
        except _UNHEARD:
            pass
        self.hear(Heard(path, told, request_id, began, time.monotonic() - began))
        self._ledger.statuses[told] += 1
        if told == "401 unauthenticated" and self.may_log_in_again:
            await self._log_in(ours)
            return told, answer
        if told not in {"200", "201"} | _EXPLAINED:
            self._ledger.surprises.append(f"{path}: {told}")
        return told, answer

    async def _log_in(self, refused: dict[str, str]) -> None:
        form = {"grant_type": "password", "username": self._username, "password": "sandbox"}
        async with self._logging_in:
            # One of all those who were refused gets the new token for them.
            if self._headers is not refused:
                return
            with suppress(*_UNHEARD):
                async with self._session.post("/auth/token", data=form, timeout=_TIMEOUT) as response:
                    if response.status == 200:
                        token = (await response.json())["access_token"]
                        self._headers = {"Authorization": f"Bearer {token}"}

    def _new_key(self) -> str:
        return f"{self._dice.getrandbits(64):016x}"


def _ignore(_heard: Heard) -> None:
    pass


@asynccontextmanager
async def calling(
    base_url: str,
    token: str,
    ledger: Ledger,
    dice: random.Random,
    *,
    username: str = "receiver",
    trust: ssl.SSLContext | None = None,
) -> AsyncIterator[Callers]:
    """Give somebody who can call, over TLS with whom he trusts."""
    connector = aiohttp.TCPConnector(limit=0, ssl=trust or True)
    async with aiohttp.ClientSession(base_url, connector=connector, trust_env=False) as session:
        yield Callers(session, token, ledger, dice, username=username)


class OneByOne(Protocol):
    """Makes one request of any kind."""

    async def one(self) -> object:
        """Make it."""
        ...


@asynccontextmanager
async def load(callers: OneByOne, *, at_once: int = 8, pause_seconds: float = 0.01) -> AsyncIterator[None]:
    """Keep so many calling for as long as the block lasts; then wait for what they have under way."""
    stopping = asyncio.Event()

    async def call() -> None:
        while not stopping.is_set():
            await callers.one()
            # An answer that comes at once, as a refusal, is no reason to fill the machine with more of them.
            await asyncio.sleep(pause_seconds)

    tasks = [asyncio.create_task(call()) for _ in range(at_once)]
    try:
        yield
    finally:
        stopping.set()
        await asyncio.gather(*tasks)


async def settle(callers: Callers, ledger: Ledger) -> None:
    """Wait until lookups are answered again, and send again what nobody knows of."""
    deadline = time.monotonic() + _SETTLE_SECONDS
    while await callers.look_up() != "200":
        assert time.monotonic() < deadline, f"no lookup is answered any more: {ledger.statuses}"
        await asyncio.sleep(0.1)
    while ledger.unknown_keys or ledger.unknown_moves:
        assert time.monotonic() < deadline, f"not acknowledged at all: {ledger.statuses}"
        again = [callers.register(key) for key in ledger.unknown_keys[:50]]
        again += [callers.move(key) for key in ledger.unknown_moves[:50]]
        await asyncio.gather(*again)
