"""Faults that the control asks for: which request gets which, and how each looks on the wire."""

import asyncio
import random
from collections import deque
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field

from app.simulator.replies import HTML, Reply

Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]

HELD_SECONDS: Final = 60.0
"""How long an answer is held that is not to come: longer than any client should wait."""

_HUGE_BYTES: Final = 50 * 1024 * 1024
_PIECE: Final = b"a" * 65_536
_DRIP_SECONDS: Final = 0.2
_BOMB: Final = (
    '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a0 "aaaaaaaaaa">'
    + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 9))
    + "]><Envelope><Body>&a8;</Body></Envelope>"
).encode()


class Fault(StrEnum):
    """What happens to a request instead of its answer."""

    STATUS_500 = "status-500"
    STATUS_503 = "status-503"
    STATUS_429 = "status-429"
    UNAUTHORIZED = "unauthorized"
    HTML = "html"
    GARBAGE = "garbage"
    TRUNCATED = "truncated"
    HUGE = "huge"
    ENTITY_BOMB = "entity-bomb"
    DOCTYPE = "doctype"
    RESET = "reset"
    SILENT = "silent"
    HANG = "hang"
    DRIP = "drip"
    ANOTHER_PERSON = "another-person"
    ERROR = "error"
    PROCEDURE_REFUSED = "refused-004"
    OFFICER_REFUSED = "refused-005"


class FaultScript(BaseModel):
    """Which requests fail: the next ones in this order, then each with the probability, by one of `kinds`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    next: list[Fault | None] = Field([], max_length=10_000)
    probability: float = Field(0.0, ge=0, le=1)
    kinds: list[Fault] = []
    seed: int = 1
    retry_after_seconds: int | None = Field(None, ge=0, le=10_000)


class Faults:
    """Chooses the fault of each request."""

    def __init__(self) -> None:
        self.use(FaultScript())

    def use(self, script: FaultScript) -> None:
        """Begin with a script."""
        self.script = script
        self._next = deque(script.next)
        self._dice = random.Random(script.seed)  # noqa: S311 - chance that can be repeated, no secret

    def choose(self) -> Fault | None:
        """Tell what happens to the next request; None for nothing."""
        if self._next:
            return self._next.popleft()
        if self.script.kinds and self._dice.random() < self.script.probability:
            return self._dice.choice(self.script.kinds)
        return None


def replied(fault: Fault, answer: Reply, retry_after_seconds: int | None) -> Reply | None:
    """Return the reply that a fault puts in place of the answer; None for one that is no whole reply."""
    headers = {} if retry_after_seconds is None else {"Retry-After": str(retry_after_seconds)}
    document = answer.body.partition(b"?>")[2]
    replies = {
        Fault.STATUS_500: Reply(500, HTML, b"<html>500</html>"),
        Fault.STATUS_503: Reply(503, HTML, b"<html>503</html>", headers),
        Fault.STATUS_429: Reply(429, HTML, b"", headers),
        Fault.UNAUTHORIZED: Reply(401, HTML, b""),
        Fault.HTML: Reply(200, HTML, b"<html><body>OK</body></html>"),
        Fault.GARBAGE: Reply(200, answer.content_type, b"\x00\xff<not an answer"),
        Fault.ENTITY_BOMB: Reply(200, answer.content_type, _BOMB),
        Fault.DOCTYPE: Reply(200, answer.content_type, b"<!DOCTYPE a>" + document),
    }
    return replies.get(fault)


@dataclass(frozen=True, slots=True)
class Line:
    """One request's connection: how to answer, to see that the client has gone, and to end it.

    `close` sends what was written and ends it in peace, `reset` forgets that and ends it with a reset.
    """

    send: Send
    receive: Receive
    close: Callable[[], None]
    reset: Callable[[], None]

    async def wait_until_gone(self, seconds: float) -> bool:
        """Wait until the client has gone, at most so long; tell whether it has."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while (await self.receive())["type"] != "http.disconnect":
                    pass
                return True
        return False


async def misbehave(fault: Fault, answer: Reply, line: Line) -> None:
    """Play a fault that is no whole reply; at the end the connection is over."""
    match fault:
        case Fault.RESET:
            line.reset()
        case Fault.TRUNCATED:
            await line.send(answer.start())
            await _send_piece(line, answer.body[: len(answer.body) // 2])
            line.close()
        case Fault.HUGE:
            await line.send(Reply(200, answer.content_type, b"").start(length=_HUGE_BYTES))
            for _ in range(_HUGE_BYTES // len(_PIECE)):
                await _send_piece(line, _PIECE)
            line.close()
        case Fault.DRIP:
            await line.send(answer.start())
            for byte in answer.body:
                await _send_piece(line, bytes([byte]))
                if await line.wait_until_gone(_DRIP_SECONDS):
                    return
            line.close()
        case _:
            if fault is Fault.HANG:
                await line.send(answer.start())
            await line.wait_until_gone(HELD_SECONDS)
            line.reset()
    # The server takes a return before it has noticed the end for a mistake of ours.
    await line.wait_until_gone(HELD_SECONDS)


async def _send_piece(line: Line, piece: bytes) -> None:
    await line.send({"type": "http.response.body", "body": piece, "more_body": True})
