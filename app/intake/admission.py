"""Lets requests through their gates. The connection has turned most of those away that find theirs full."""

from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.intake.gates import Gate, Gates

COUNTED_GATE: Final = "motcua.gate"
"""Member of a request's scope: the gate that the connection has counted it in at."""

BODY_METHODS: Final = frozenset({"POST", "PUT", "PATCH"})
"""A request of another method is taken for whole when its head is there."""


def leave_uncounted(scope: Scope) -> None:
    """Count a request out that the connection counted in and that was answered before `Admission`."""
    gate: Gate | None = scope.pop(COUNTED_GATE, None)
    if gate is not None:
        gate.leave()


class Admission:
    """Holds a place for each request from when it is whole until it is answered.

    One whose body is still on its way holds none, so that slow senders take nobody's place.
    """

    def __init__(self, app: ASGIApp, *, gates: Gates) -> None:
        self._app = app
        self._gates = gates

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on when there is a place for it.

        Raises:
            DomainError: the gate's refusal; for a body that came late it comes up where that is read.
        """
        is_http = scope["type"] == "http"
        counted: Gate | None = scope.pop(COUNTED_GATE, None)
        gate = counted or (self._gates.of(scope["path"]) if is_http else None)
        if gate is None:
            await self._app(scope, receive, send)
            return
        stay = _Stay(self._gates, gate, is_counted=counted is not None)
        try:
            if counted is None and _has_body(scope):
                receive = _beginning_when_whole(stay, receive)
            else:
                await stay.begin()
            await self._app(scope, receive, send)
        finally:
            stay.end()


class _Stay:
    """One request at its gate."""

    def __init__(self, gates: Gates, gate: Gate, *, is_counted: bool) -> None:
        self._gates = gates
        self._gate = gate
        self._is_counted = is_counted
        self._has_place = False

    async def begin(self) -> None:
        if not self._is_counted:
            if self._gate.is_full:
                self._gates.note_refusal(self._gate)
                raise self._gate.refused()
            self._gate.enter()
            self._is_counted = True
        try:
            await self._gate.take_place()
        except self._gate.refusal:
            self._gates.note_refusal(self._gate)
            raise
        self._has_place = True

    def end(self) -> None:
        if self._has_place:
            self._gate.give_place_back()
        if self._is_counted:
            self._gate.leave()


def _has_body(scope: Scope) -> bool:
    return scope["method"] in BODY_METHODS and any(
        name == b"transfer-encoding" or (name == b"content-length" and value.strip(b"0") != b"")
        for name, value in scope["headers"]
    )


def _beginning_when_whole(stay: _Stay, receive: Receive) -> Receive:
    is_whole = False

    async def receive_and_begin() -> Message:
        nonlocal is_whole
        message = await receive()
        if not is_whole and message["type"] == "http.request" and not message.get("more_body", False):
            is_whole = True
            await stay.begin()
        return message

    return receive_and_begin
