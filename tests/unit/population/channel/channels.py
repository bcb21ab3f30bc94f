"""Channels to made-up registers, with clocks that stand still."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import httpx
from respx.mocks import Mocker

from app.adapters.population.channel.channel import Channel, open_channel
from app.adapters.population.upstream import CircuitState, Operation, Question
from app.alerts import Alerts
from app.errors import PopulationDatabaseError, PopulationDatabaseRefusedError
from app.settings.settings import Settings

URL: Final = "http://127.0.0.1:9/dancu"
TOKEN_URL: Final = "http://127.0.0.1:9/token"
SECRET: Final = "BIMATKETNOI"
MARK: Final = "NGUYEN THI DAU VET 100190000777"

DIRECT: Final = {"npd_profile": "ndxp-soap", "npd_url": URL, "npd_username": "motcua", "npd_secret": SECRET}
LGSP: Final = {
    "npd_profile": "lgsp-json",
    "npd_url": URL,
    "npd_token_url": TOKEN_URL,
    "npd_client_id": "motcua",
    "npd_client_secret": SECRET,
}


class TransportMocker(Mocker):
    """Lets respx answer in place of the transport that the channel uses without httpx's client."""

    name = "httpx-aiohttp"
    targets = ["httpx_aiohttp.AiohttpTransport"]  # noqa: RUF012 - as respx declares it
    target_methods = ["handle_async_request"]  # noqa: RUF012

    @classmethod
    def mock(cls, spec: object) -> Callable[[object, httpx.Request], Awaitable[httpx.Response]]:  # noqa: ARG003
        async def handle_async_request(_transport: object, request: httpx.Request) -> httpx.Response:
            answer: httpx.Response = await cls.async_handler(request)  # type: ignore[no-untyped-call] # respx has no types here
            return answer

        return handle_async_request


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self, now: float = 1_800_000_000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


@dataclass
class Heard:
    """What an observer was told."""

    ended: list[tuple[Operation, str]] = field(default_factory=list)
    states: list[CircuitState] = field(default_factory=list)

    def call_ended(self, operation: Operation, *, outcome: str, seconds: float) -> None:
        assert seconds >= 0
        self.ended.append((operation, outcome))

    def circuit_changed(self, operation: Operation, state: CircuitState) -> None:
        assert operation in Operation
        self.states.append(state)


class _Body(httpx.AsyncByteStream):
    """A body that is streamed as from a socket: respx reads others before the client does."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self._content


def reply(status: int, *, content: bytes = b"", headers: dict[str, str] | None = None) -> httpx.Response:
    """Make a register's answer."""
    return httpx.Response(status, headers=headers, stream=_Body(content))


def raise_refusal(body: bytes) -> None:
    if b"refused" in body:
        raise PopulationDatabaseRefusedError


def read(body: bytes) -> bytes:
    """Take any body but one that says it is garbage."""
    if b"garbage" in body:
        raise PopulationDatabaseError
    return body


def question(url: str = URL, operation: Operation = Operation.VERIFY) -> Question:
    headers = {"Content-Type": "application/xml"}
    return Question(operation, "018f4e0c-0000-7000-8000-000000000001", url, headers, MARK.encode())


@asynccontextmanager
async def opened(
    settings: dict[str, Any], *, clock: Clock | None = None, heard: Heard | None = None
) -> AsyncIterator[Channel]:
    clock = clock or Clock()
    async with open_channel(
        Settings.model_validate(settings),
        raise_refusal=raise_refusal,
        observer=heard or Heard(),
        alerts=Alerts(),
        clock=clock,
        wall_clock=clock,
    ) as channel:
        yield channel
