"""The simulator as a server: takes requests off HTTP, plays delays and faults, sends answers."""

import asyncio
import json
import random
import socket
import struct
import time
from collections.abc import MutableMapping
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from app.adapters.population.sandbox.sandbox_population import SandboxPopulation, ScriptedFault
from app.simulator.answering import Answering
from app.simulator.asked import (
    Asked,
    Operation,
    WrongCredentialsError,
    WrongMethodError,
    WrongPathError,
    WrongRequestError,
)
from app.simulator.control import Control
from app.simulator.credentials import Tokens
from app.simulator.faults import Fault, Faults, Line, Receive, Send, misbehave, replied
from app.simulator.journal import Journal, Received
from app.simulator.options import CONTROL_PATH, TOKEN_PATH, Options
from app.simulator.register import Register
from app.simulator.replies import JSON, Reply

Scope = MutableMapping[str, Any]

_CLOSE: Final = "motcua.close"
_RESET: Final = "motcua.reset"
_LINGER_NOT: Final = struct.pack("ii", 1, 0)
_MOST_BYTES: Final = 1_048_576
_TOO_LARGE: Final = Reply(413, JSON, b'{"error":"the body is larger than 1 MiB"}')
_SLOW_SECONDS: Final = 2.0
_SCRIPTED: Final = {
    ScriptedFault.TIMEOUT: Fault.SILENT,
    ScriptedFault.UNAVAILABLE: Fault.RESET,
    ScriptedFault.PROCEDURE_REFUSED: Fault.PROCEDURE_REFUSED,
    ScriptedFault.OFFICER_REFUSED: Fault.OFFICER_REFUSED,
    ScriptedFault.ANSWERS_WITH_ANOTHER_PERSON: Fault.ANOTHER_PERSON,
    ScriptedFault.GARBAGE: Fault.GARBAGE,
}


class AbortableProtocol(HttpToolsProtocol):
    """uvicorn's protocol, which lets the application cut its connection off."""

    def on_message_begin(self) -> None:
        """Hand the means to the application with each request."""
        super().on_message_begin()
        means = {_CLOSE: self.transport.close, _RESET: self._reset}
        self.scope.update(means)  # type: ignore[typeddict-item] # an extension of ours

    def _reset(self) -> None:
        if self.transport.is_closing():
            return
        connection = self.transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NOT)
        self.transport.abort()


class Simulator:
    """The register's end of one profile's wire, as an ASGI application."""

    def __init__(self, options: Options, population: SandboxPopulation, *, seed: int = 1) -> None:
        self._register = Register(population, options.name_form)
        self._tokens = Tokens(options, time.monotonic)
        self._journal = Journal(time.time)
        self._faults, self._token_faults = Faults(), Faults()
        self._dice = random.Random(seed)  # noqa: S311 - chance that can be repeated, no secret
        self._answering = Answering(
            options, self._register, tokens=self._tokens, journal=self._journal, wall_clock=time.time
        )
        self._control = Control(
            answering=self._answering,
            faults=self._faults,
            token_faults=self._token_faults,
            tokens=self._tokens,
            journal=self._journal,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        method, path = scope["method"], scope["path"]
        if path.startswith(CONTROL_PATH):
            body = await _body(receive)
            reply = (
                _TOO_LARGE if body is None else self._control.reply(method, path, scope["client"][0], body)
            )
            await _send(send, reply)
            return
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        # On record before the body is there: a question counts from its head on.
        entry, line = self._journal.note(), Line(send, receive, scope[_CLOSE], scope[_RESET])
        body = await _body(receive)
        if body is None:
            entry.status = _TOO_LARGE.status
            await _send(send, _TOO_LARGE)
            return
        if path == TOKEN_PATH:
            entry.seen.operation = Operation.TOKEN
            reply, faults = self._token(method, headers, body), self._token_faults
            await self._finish(entry, reply, faults.choose(), faults, line)
            return
        try:
            asked = self._answering.read(method, path, headers, body, entry.seen)
        except (WrongPathError, WrongMethodError, WrongCredentialsError) as wrong:
            reply = self._answering.turned_away(wrong)
        except WrongRequestError as wrong:
            reply = self._answering.error(wrong)
        else:
            await self._answer(entry, asked, line)
            return
        entry.status = reply.status
        await _send(send, reply)

    async def _answer(self, entry: Received, asked: Asked, line: Line) -> None:
        delay = self._answering.behaviour.delay
        seconds = delay.seconds + self._dice.uniform(0, delay.random_seconds)
        if seconds:
            await asyncio.sleep(seconds)
        scripted = self._register.scripted_fault(asked.claim)
        if scripted is ScriptedFault.SLOW_2_SECONDS:
            await asyncio.sleep(_SLOW_SECONDS)
            await self._finish(entry, self._answering.nobody(asked), None, self._faults, line)
            return
        fault = self._faults.choose() or (None if scripted is None else _SCRIPTED.get(scripted))
        if fault is Fault.UNAUTHORIZED:
            # Who shows no good credentials has asked nothing: with fresh ones he asks under the same id.
            self._journal.forget(asked.request_id)
        reply = self._reply(asked, fault)
        await self._finish(entry, reply, fault, self._faults, line)

    def _reply(self, asked: Asked, fault: Fault | None) -> Reply:
        """Make the answer, and the faults that are answers of the register."""
        match fault:
            case Fault.ANOTHER_PERSON:
                return self._answering.another(asked)
            case Fault.PROCEDURE_REFUSED:
                return self._answering.refusal("004")
            case Fault.OFFICER_REFUSED:
                return self._answering.refusal("005")
            case Fault.ERROR:
                return self._answering.error()
            case _:
                return self._answering.answer(asked)

    def _token(self, method: str, headers: dict[str, str], body: bytes) -> Reply:
        behaviour = self._answering.behaviour
        if method != "POST":
            return Reply(405, JSON, b"{}", {"Allow": "POST"})
        try:
            token = self._tokens.issue(headers, body, lifetime_seconds=behaviour.token_seconds)
        except WrongCredentialsError:
            return Reply(401, JSON, b'{"error":"invalid_client"}')
        told = behaviour.token_seconds_told
        expires_in = int(behaviour.token_seconds) if told is None else told
        answer = {"access_token": token, "token_type": "Bearer", "expires_in": expires_in}
        return Reply(200, JSON, json.dumps(answer).encode())

    async def _finish(
        self, entry: Received, reply: Reply, fault: Fault | None, faults: Faults, line: Line
    ) -> None:
        entry.fault = fault
        if fault is None or fault in _AS_ANSWERED:
            entry.status = reply.status
            await _send(line.send, reply)
            return
        changed = replied(fault, reply, faults.script.retry_after_seconds)
        if changed is None:
            await misbehave(fault, reply, line)
            return
        entry.status = changed.status
        await _send(line.send, changed)


_AS_ANSWERED: Final = frozenset(
    {Fault.ANOTHER_PERSON, Fault.PROCEDURE_REFUSED, Fault.OFFICER_REFUSED, Fault.ERROR}
)


async def _body(receive: Receive) -> bytes | None:
    """Read a body to its end; None for one that is too large, of which nothing is kept."""
    body, size = bytearray(), 0
    while True:
        message = await receive()
        piece = message.get("body", b"")
        size += len(piece)
        if size <= _MOST_BYTES:
            body += piece
        else:
            body.clear()
        if not message.get("more_body"):
            return bytes(body) if size <= _MOST_BYTES else None


async def _send(send: Send, reply: Reply) -> None:
    await send(reply.start())
    await send({"type": "http.response.body", "body": reply.body})
