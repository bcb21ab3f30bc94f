"""The channel to the register: asks one question at a time for each caller, bounded in every way.

Knows neither what a question says nor how an answer is read; the wire formats do.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Final, TypeVar

import structlog

from app.adapters.population.channel.authentication import Authentication
from app.adapters.population.channel.bulkhead import Bulkhead
from app.adapters.population.channel.circuit import Circuit, Passage
from app.adapters.population.channel.credentials import open_authentication
from app.adapters.population.channel.failures import CallFailedError, Effect
from app.adapters.population.channel.statuses import OK, UNAUTHORIZED, Statuses
from app.adapters.population.channel.tls import tls_context
from app.adapters.population.channel.transport import Reply, Transport, open_transport
from app.adapters.population.port import PopulationStatus
from app.adapters.population.upstream import CallObserver, CircuitState, Operation, Question
from app.alerts import Alert, Alerts
from app.errors import (
    PopulationDatabaseError,
    PopulationDatabaseMismatchError,
    PopulationDatabaseRefusedError,
    PopulationDatabaseTimeoutError,
)
from app.settings.npd import NpdSettings

Answer = TypeVar("Answer")

log = structlog.get_logger(__name__)

ANSWERED: Final = "answered"
CANCELLED: Final = "cancelled"


@dataclass(slots=True)
class _Ending:
    """How a call ended, as far as it is known."""

    outcome: str = "internal-error"
    status: int | None = None


class Channel:
    """Asks questions; what an answer says is read by functions that callers pass."""

    def __init__(
        self,
        settings: NpdSettings,
        *,
        transport: Transport,
        authentication: Authentication,
        statuses: Statuses,
        raise_refusal: Callable[[bytes], None],
        observer: CallObserver,
        alerts: Alerts,
        clock: Callable[[], float],
    ) -> None:
        self._alerts = alerts
        self._settings = settings
        self._transport = transport
        self._authentication = authentication
        self._statuses = statuses
        self._raise_refusal = raise_refusal
        self._observer = observer
        self._clock = clock
        self._bulkhead = Bulkhead(
            places=settings.npd_max_in_flight,
            most_waiting=settings.npd_max_waiting,
            wait_seconds=settings.npd_wait_seconds,
        )
        self._circuits: dict[Operation, Circuit] = {}

    @property
    def deadline_seconds(self) -> float:
        """Longest time that one question can take: the wait for its place and the call itself."""
        return self._settings.npd_wait_seconds + self._settings.npd_timeout_seconds

    def refuse_if_unavailable(self, operation: Operation) -> None:
        """Return if a question of this kind would be asked now; nothing is reserved.

        Raises:
            PopulationDatabaseUnavailableError: its circuit is open, or too many are waiting.
        """
        if (circuit := self._circuits.get(operation)) is not None:
            circuit.refuse_if_unavailable()
        self._bulkhead.refuse_if_full()

    def status(self) -> PopulationStatus:
        """Tell how the register looks by the calls so far, without asking it."""
        states = [circuit.state for circuit in self._circuits.values()]
        if all(state is CircuitState.CLOSED for state in states):
            return PopulationStatus("available", None)
        if all(state is CircuitState.OPEN for state in states):
            pauses = (circuit.retry_after_seconds for circuit in self._circuits.values())
            return PopulationStatus("unavailable", min(pauses))
        return PopulationStatus("degraded", None)

    async def ask(self, question: Question, read: Callable[[bytes], Answer]) -> Answer:
        """Ask the question and return what `read` makes of the answer's body.

        Raises:
            PopulationDatabaseError: no answer came, or none that can be used; and each of its kinds,
                as the port tells them. Also whatever `read` and `raise_refusal` raise.
        """
        with self._noted(question) as ending:
            self.refuse_if_unavailable(question.operation)
            circuit = self._circuit(question.operation)
            # The circuit may open while this call waits, so it is entered once a place is there.
            async with self._bulkhead.place():
                with circuit.passage() as passage, _judged(passage, question, ending, self._alerts):
                    reply = await self._reply_in_time(question)
                    ending.status = reply.status
                    self._refuse_status(reply)
                    return read(reply.body)

    async def _reply_in_time(self, question: Question) -> Reply:
        try:
            async with asyncio.timeout(self._settings.npd_timeout_seconds):
                return await self._reply(question)
        except TimeoutError as exc:
            raise CallFailedError(PopulationDatabaseTimeoutError) from exc

    async def _reply(self, question: Question) -> Reply:
        headers = await self._authentication.headers(question.url)
        reply = await self._send(question, headers)
        if reply.status != UNAUTHORIZED:
            return reply
        # Refused as it came: it was not processed, so it may be sent again under a new name.
        self._raise_refusal(reply.body)
        newer = await self._authentication.headers_after_refusal(question.url, headers)
        return reply if newer is None else await self._send(question, newer)

    async def _send(self, question: Question, headers: Mapping[str, str]) -> Reply:
        return await self._transport.post(
            question.url, headers={**question.headers, **headers}, body=question.body
        )

    def _refuse_status(self, reply: Reply) -> None:
        if reply.status != OK:
            self._raise_refusal(reply.body)
        self._statuses.refuse(reply)

    def _circuit(self, operation: Operation) -> Circuit:
        if operation not in self._circuits:
            self._circuits[operation] = Circuit(
                failures=self._settings.npd_circuit_failures,
                pause_seconds=self._settings.npd_circuit_pause_seconds,
                clock=self._clock,
                changed=partial(self._circuit_changed, operation),
            )
        return self._circuits[operation]

    def _circuit_changed(self, operation: Operation, state: CircuitState) -> None:
        log.warning("population-circuit", operation=operation.value, state=state.value)
        self._observer.circuit_changed(operation, state)

    @contextmanager
    def _noted(self, question: Question) -> Iterator[_Ending]:
        """Tell the log and the observer how the call ended and how long it took, whatever happens."""
        ending, began = _Ending(), self._clock()
        try:
            yield ending
            ending.outcome = ANSWERED
        except PopulationDatabaseError as error:
            ending.outcome = error.code
            raise
        except asyncio.CancelledError:
            ending.outcome = CANCELLED
            raise
        finally:
            seconds = self._clock() - began
            log.info(
                "population-call",
                operation=question.operation.value,
                upstream_request_id=question.request_id,
                outcome=ending.outcome,
                status=ending.status,
                duration_ms=round(seconds * 1000, 1),
            )
            self._observer.call_ended(question.operation, outcome=ending.outcome, seconds=seconds)


@contextmanager
def _judged(passage: Passage, question: Question, ending: _Ending, alerts: Alerts) -> Iterator[None]:
    """Tell the circuit what a call says of the register, and its caller in our words how it failed."""
    try:
        yield
    except CallFailedError as failed:
        passage.effect, ending.status = failed.effect, failed.status
        if failed.is_alert:
            alerts.tell(Alert.POPULATION_CREDENTIALS_REFUSED, upstream_request_id=question.request_id)
        raise failed.as_error() from failed
    except (PopulationDatabaseRefusedError, PopulationDatabaseMismatchError):
        passage.effect = Effect.ANSWERED
        raise
    except PopulationDatabaseError:
        passage.effect = Effect.FAILED
        raise
    passage.effect = Effect.ANSWERED


@asynccontextmanager
async def open_channel(
    settings: NpdSettings,
    *,
    raise_refusal: Callable[[bytes], None],
    observer: CallObserver,
    alerts: Alerts,
    clock: Callable[[], float] = time.monotonic,
    wall_clock: Callable[[], float] = time.time,
) -> AsyncIterator[Channel]:
    """Give the channel that the settings describe.

    `raise_refusal` raises if the body of a failed answer is a refusal and returns if it is none; `clock`
    tells seconds and never goes back; `wall_clock` tells the time in seconds since 1970.

    Raises:
        TlsFileError: a certificate or key of the settings cannot be used.
    """
    tls = tls_context(settings)
    statuses = Statuses(pause_seconds=settings.npd_circuit_pause_seconds, wall_clock=wall_clock)
    async with AsyncExitStack() as stack:
        transport = await stack.enter_async_context(open_transport(settings, tls))
        authentication = await stack.enter_async_context(
            open_authentication(
                settings, transport=transport, statuses=statuses, clock=clock, wall_clock=wall_clock
            )
        )
        yield Channel(
            settings,
            transport=transport,
            authentication=authentication,
            statuses=statuses,
            raise_refusal=raise_refusal,
            observer=observer,
            alerts=alerts,
            clock=clock,
        )
