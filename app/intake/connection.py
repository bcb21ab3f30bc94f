"""One connection: what no route ever sees, because it is no request yet, no longer one, or one too many.

The server itself waits without end for the rest of a head, or of a body whose answer is given already, and
lets a head grow without end. What is no HTTP gets a problem as an answer here, too.
"""

import asyncio
from typing import Final, Literal

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from app.errors import DomainError, RequestMalformedError, RequestTooLargeError
from app.intake.admission import COUNTED_GATE
from app.intake.gates import Gate, Gates, path_as_sent
from app.intake.reader_watch import ReaderWatch
from app.intake.refusals import plain_request, problem_answer, refusal
from app.intake.request_ids import accept_request_id, fresh_request_id
from app.languages import DEFAULT_LANGUAGE, preferred

GATES: Final = "gates"
"""Name of the gates in the state that the app's lifespan gives; without them nothing is turned away here."""

NAMED_ORIGINS: Final = "named-origins"
"""Name, in that state, of the foreign origins whose pages may call, as browsers send them."""

_CLOSES: Final = b"connection: close\r\n"
_HEAD_ENDS: Final = b"\r\n\r\n"
_READ_HEADERS: Final = frozenset({b"x-request-id", b"accept-language"})


class _HeadRefusedError(Exception):
    """Stops the parser at what is not a head, or too large a one."""


class GuardedHttpProtocol(HttpToolsProtocol):
    """uvicorn's protocol with a deadline for each part of a request, and a limit for its head.

    Class attributes and not settings, since worker processes get the class by its name.
    """

    head_seconds = 30.0
    # Later than the limit that answers 408, which has the settings' say.
    body_seconds = 35.0
    max_head_bytes = 65_536
    # What frames a chunked body, its trailers included, for each byte of it; beside what a head may have.
    most_framing = 8
    # Whoever is sent more than the system takes at once has to take so much of it in so long.
    write_seconds = 30.0
    least_read_bytes = 30_720
    # How long a request may be on its way into a connection that seems idle when the process ends.
    linger_seconds = 0.5

    _awaited: Literal["head", "body"] | None = None
    _timer: asyncio.TimerHandle | None = None
    _is_in_head = False
    _is_in_body = False
    _head_bytes = 0
    _full: Gate | None = None
    _counted: Gate | None = None
    _last_heard = float("-inf")
    _framing_bytes = 0
    _body_bytes = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn's
        """Begin to wait for a head."""
        super().connection_made(transport)
        self._reader = ReaderWatch(
            self.loop, transport, seconds=self.write_seconds, least_bytes=self.least_read_bytes
        )
        self._await_next()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop waiting."""
        self._disarm()
        self._reader.end()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        """Wait for the caller to read, who holds a place meanwhile; one who does not is let go."""
        super().pause_writing()
        self._reader.begin()

    def resume_writing(self) -> None:
        """Go on writing."""
        self._reader.end()
        super().resume_writing()

    def shutdown(self) -> None:
        """End the connection after the answer under way, or when nothing more has come for a moment.

        A balancer sends into a connection until it is closed, and a request that meets the close is lost.
        """
        if self._is_answering:
            super().shutdown()
        else:
            self.loop.call_later(self.linger_seconds, super().shutdown)

    def data_received(self, data: bytes) -> None:
        """Read, then wait for what is missing, if something is."""
        is_between = not (self._is_in_head or self._is_in_body or self._is_answering)
        if is_between and self._is_turned_away_unread(data):
            return
        if self._is_in_head:
            if self._head_bytes > self.max_head_bytes:
                self._refuse(RequestTooLargeError)
                return
            self._head_bytes += len(data)
        self._framing_bytes += len(data)
        super().data_received(data)
        self._forget_the_unfinished()
        if (
            self._is_in_body
            and self._framing_bytes > self.max_head_bytes + self.most_framing * self._body_bytes
        ):
            self._refuse(RequestTooLargeError)
            return
        self._await_next()

    def on_message_begin(self) -> None:
        """Note that a head begins."""
        self._is_in_head, self._is_in_body, self._head_bytes = True, False, 0
        self._full = None
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header. Trailers of a body are none: nobody has looked at them when the request begins."""
        if self._is_in_head:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Look at the whole head: its size, and that it names one host (RFC 9112 §3.2)."""
        self._is_in_head = False
        self._framing_bytes = self._body_bytes = 0
        # What was counted until now may hold the beginning of the body.
        self._head_bytes = len(self.url) + sum(len(name) + len(value) for name, value in self.headers)
        hosts = sum(name == b"host" for name, _ in self.headers)
        is_named = hosts == 1 or (hosts == 0 and self.parser.get_http_version() == "1.0")
        if self._head_bytes > self.max_head_bytes or not is_named:
            raise _HeadRefusedError
        self._is_in_body = True
        # A request behind one that is being answered has to wait for its turn in any case.
        if not self._is_answering and (gate := self._gate()) is not None:
            if not gate.is_full:
                gate.enter()
                self._counted = self.scope[COUNTED_GATE] = gate  # type: ignore[typeddict-unknown-key] # ours
            elif not self._is_for_a_named_origin:
                self._full = gate
                return
        super().on_headers_complete()
        if self._is_draining:
            # Said in the answer: whoever sent the next request into a connection that is just being closed
            # could not know whether it was heard.
            self.cycle.keep_alive = False

    def on_body(self, body: bytes) -> None:
        """Take a part of the body; nothing is kept of one whose request is turned away."""
        self._framing_bytes -= len(body)
        self._body_bytes += len(body)
        if self._full is None:
            super().on_body(body)

    def on_message_complete(self) -> None:
        """Note that the request is whole, and answer the one that is turned away."""
        self._is_in_body, self._counted = False, None
        if self._full is None:
            super().on_message_complete()
        else:
            self._turn_away(self._full)

    @property
    def _is_draining(self) -> bool:
        gates: Gates | None = self.app_state.get(GATES)
        return gates is not None and gates.is_draining

    @property
    def _is_for_a_named_origin(self) -> bool:
        """Whether it is for a foreign page, which can read a refusal only if the app marks it so."""
        named: frozenset[bytes] = self.app_state.get(NAMED_ORIGINS, frozenset())
        return any(name == b"origin" and value in named for name, value in self.headers)

    def _gate(self) -> Gate | None:
        """Give the gate to count at, if the target tells it; for another one the app finds it by the path."""
        gates: Gates | None = self.app_state.get(GATES)
        path = path_as_sent(self.url)
        return None if gates is None or path is None else gates.of(path)

    def _is_turned_away_unread(self, data: bytes) -> bool:
        """Answer a request that finds its gate full without having it parsed, if that is possible."""
        gates: Gates | None = self.app_state.get(GATES)
        if gates is None or not gates.is_any_full or gates.is_draining:
            return False
        request = plain_request(data)
        gate = None if request is None else gates.of(request.path)
        if request is None or gate is None or not gate.is_full:
            return False
        self._unset_keepalive_if_required()
        gates.note_refusal(gate)
        retry_after_seconds = gate.retry_after_seconds()
        self.transport.write(refusal(gate.refusal, request.language, retry_after_seconds=retry_after_seconds))
        self._drop_who_reads_nothing()
        self._last_heard = self.loop.time()
        self._await_next()
        return True

    def _forget_the_unfinished(self) -> None:
        """Count a request out again whose body is still to come; the app does so once it is there."""
        if self._counted is not None:
            # The request's task has not begun yet: that happens when the loop comes to it.
            del self.scope[COUNTED_GATE]  # type: ignore[typeddict-item] # an extension of ours
            self._counted.leave()
            self._counted = None

    def _turn_away(self, gate: Gate) -> None:
        """Answer a request that finds its gate full, as cheaply as can be: there are many of them."""
        self._disarm()
        self.app_state[GATES].note_refusal(gate)
        sent = {name: value.decode("latin-1") for name, value in self.headers if name in _READ_HEADERS}
        stays = self.parser.should_keep_alive() and not self._is_draining
        answer = problem_answer(
            gate.refusal,
            preferred(sent.get(b"accept-language")),
            request_id=accept_request_id(sent.get(b"x-request-id")),
            headers=b"retry-after: %d\r\n%s" % (gate.retry_after_seconds(), b"" if stays else _CLOSES),
        )
        if self.parser.get_method() == b"HEAD":
            # Content would be taken for the next answer (RFC 9110, 9.3.2).
            answer = answer[: answer.index(_HEAD_ENDS) + len(_HEAD_ENDS)]
        self.transport.write(answer)
        self._drop_who_reads_nothing()
        if not stays:
            self.transport.close()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - the text is for the server's own page
        """Answer what is no HTTP, or a head that was refused, with a problem."""
        is_too_large = self._head_bytes > self.max_head_bytes
        self._refuse(RequestTooLargeError if is_too_large else RequestMalformedError)

    @property
    def _is_answering(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    @property
    def _may_answer(self) -> bool:
        """Whether an answer from here can only be taken for that to what was just read."""
        if not self._is_answering:
            return True
        # The head was good and the body is not: the route has said nothing yet, and no earlier one will.
        return self._is_in_body and not self.cycle.response_started and not self.pipeline

    def _await_next(self) -> None:
        awaited: Literal["head", "body"] | None = None
        if self.transport.is_closing():
            awaited = None
        elif self._is_in_body:
            awaited = "body"
        elif self._is_in_head or not self._is_answering:
            # Stray line breaks between requests end the server's own wait for the next one.
            awaited = "head"
        if awaited != self._awaited:
            self._disarm()
            self._awaited = awaited
            if awaited is not None:
                seconds = self.head_seconds if awaited == "head" else self.body_seconds
                self._timer = self.loop.call_later(seconds, self._end_waiting)

    def _end_waiting(self) -> None:
        # Whoever was turned away in the meantime waits for its next head since then.
        rest = self._last_heard + self.head_seconds - self.loop.time()
        if self._awaited == "head" and rest > 0:
            self._timer = self.loop.call_later(rest, self._end_waiting)
        else:
            self.transport.close()

    def _drop_who_reads_nothing(self) -> None:
        """Refusals are not waited for: those that nobody reads would pile up."""
        if self.flow.write_paused:
            self.transport.abort()

    def _disarm(self) -> None:
        self._awaited = None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _refuse(self, error: type[DomainError]) -> None:
        self._disarm()
        if self._may_answer:
            if self._is_answering:
                # The route finds its caller gone, and its own answer goes nowhere.
                self.cycle.disconnected = True
                self.cycle.message_event.set()
            self.transport.write(
                problem_answer(
                    error,
                    DEFAULT_LANGUAGE,
                    request_id=fresh_request_id(),
                    headers=_CLOSES,
                )
            )
        self.transport.close()
