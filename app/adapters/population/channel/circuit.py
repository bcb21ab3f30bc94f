"""Stops asking a register that fails time after time, and finds out when it works again."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from math import ceil
from typing import assert_never

from app.adapters.population.channel.failures import Effect
from app.adapters.population.upstream import CircuitState
from app.errors import PopulationDatabaseUnavailableError


@dataclass(slots=True)
class Passage:
    """One call on its way through a circuit; whoever makes the call sets its effect."""

    period: int
    is_probe: bool
    effect: Effect = Effect.NEITHER


class Circuit:
    """Closed until so many calls in a row fail; then open for a pause; then half open: one probe at a time.

    A probe that succeeds closes it, one that fails opens it for another pause, and one that tells nothing,
    because it was cancelled for example, leaves its place to the next.
    """

    def __init__(
        self,
        *,
        failures: int,
        pause_seconds: float,
        clock: Callable[[], float],
        changed: Callable[[CircuitState], None],
    ) -> None:
        """Create a closed circuit; `clock` tells seconds and never goes back."""
        self._failures_that_open = failures
        self._pause_seconds = pause_seconds
        self._clock = clock
        self._changed = changed
        self._failures = 0
        self._pause_ends: float | None = None
        self._is_probing = False
        self._told = CircuitState.CLOSED
        # Calls that began in an earlier period say nothing about the present one.
        self._period = 0

    @property
    def state(self) -> CircuitState:
        """Its state now: open becomes half open by itself when the pause is over."""
        if self._pause_ends is None:
            return CircuitState.CLOSED
        return CircuitState.HALF_OPEN if self._clock() >= self._pause_ends else CircuitState.OPEN

    @property
    def retry_after_seconds(self) -> int:
        """When to come back, in whole seconds, at least one."""
        return 1 if self._pause_ends is None else max(1, ceil(self._pause_ends - self._clock()))

    def refuse_if_unavailable(self) -> None:
        """Return if a call would pass now.

        Raises:
            PopulationDatabaseUnavailableError: the pause is not over, or a probe is under way.
        """
        match self.state:
            case CircuitState.CLOSED:
                return
            case CircuitState.HALF_OPEN:
                is_refused = self._is_probing
            case CircuitState.OPEN:
                is_refused = True
            case unreachable:
                assert_never(unreachable)
        if is_refused:
            raise PopulationDatabaseUnavailableError(retry_after_seconds=self.retry_after_seconds)

    @contextmanager
    def passage(self) -> Iterator[Passage]:
        """Let one call through.

        Raises:
            PopulationDatabaseUnavailableError: not now.
        """
        self.refuse_if_unavailable()
        passage = Passage(self._period, is_probe=self._pause_ends is not None)
        if passage.is_probe:
            self._is_probing = True
            self._tell(CircuitState.HALF_OPEN)
        try:
            yield passage
        finally:
            if passage.period == self._period:
                self._settle(passage)

    def _settle(self, passage: Passage) -> None:
        if passage.is_probe:
            self._is_probing = False
        match passage.effect:
            case Effect.ANSWERED:
                self._failures = 0
                if passage.is_probe:
                    self._period += 1
                    self._pause_ends = None
                    self._tell(CircuitState.CLOSED)
            case Effect.FAILED:
                self._failures += 1
                if passage.is_probe or self._failures >= self._failures_that_open:
                    self._period += 1
                    self._pause_ends = self._clock() + self._pause_seconds
                    self._tell(CircuitState.OPEN)
            case Effect.NEITHER:
                return
            case unreachable:
                assert_never(unreachable)

    def _tell(self, state: CircuitState) -> None:
        if state is not self._told:
            self._told = state
            self._changed(state)
