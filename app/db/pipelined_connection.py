"""A connection to PostgreSQL that gives Python's lock away only while it waits for answers.

At each wait the thread has to get the lock back, on a busy machine half a millisecond later. The driver
waits more often: for its BEGIN, and before each piece that it sends whether the socket takes it.
"""

from collections.abc import Generator
from contextlib import ExitStack, suppress
from typing import Any, Final, TypeVar

import psycopg
from psycopg.pq import TransactionStatus
from psycopg.pq.abc import PGconn
from psycopg.waiting import Ready, Wait

# Nobody sends as many pieces at once. Whoever gets no further must let the other side talk.
_PIECES: Final = 1000

Result = TypeVar("Result")
Steps = Generator[Wait, Ready | int, Result]


class PipelinedConnection(psycopg.Connection[Any]):
    """A connection that is in the driver's pipeline until it is closed, and begins transactions when told."""

    def __init__(self, pgconn: PGconn) -> None:
        super().__init__(pgconn)
        self._while_open = ExitStack()
        self._line: psycopg.Pipeline | None = None

    def stay_in_pipeline(self) -> None:
        """Enter the pipeline: from now on what is executed waits for `answered`, and is in no transaction."""
        self.autocommit = True
        self._line = self._while_open.enter_context(self.pipeline())

    def begin(self) -> None:
        """Send a transaction's begin, unless there is one, or the driver still begins them by itself."""
        if self.autocommit and self.pgconn.transaction_status == TransactionStatus.IDLE:
            self.execute("BEGIN ISOLATION LEVEL READ COMMITTED")

    def answered(self) -> None:
        """Wait for the answers to all that was sent."""
        if self._line is not None:
            self._line.sync()

    def rollback(self) -> None:
        """Roll the transaction back, if there is one; the driver would ask the database to make sure."""
        if self.pgconn.transaction_status != TransactionStatus.IDLE:
            super().rollback()

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:  # noqa: ANN401 - the driver's
        """Carry a piece of the driver's work out, as the driver does, but for when it asks."""
        return super().wait(_sent_at_once(gen, self.pgconn), interval, timeout)

    def close(self) -> None:
        """Close it; what is still in the pipeline is lost with it."""
        super().close()
        with suppress(psycopg.Error):
            self._while_open.close()


def _sent_at_once(steps: Steps[Result], pgconn: PGconn) -> Steps[Result]:
    """Send without asking whether the socket takes it, which it nearly always does, and all before waiting.

    The driver waits for answers also while a part of what it was to send is left.
    """
    pieces = 0
    try:
        wanted = next(steps)
        while True:
            if wanted == Wait.RW and pieces < _PIECES:
                pieces += 1
                wanted = steps.send(Ready.W)
            elif wanted == Wait.R and pgconn.flush():
                ready = yield Wait.RW
                if ready & Ready.R:
                    wanted = steps.send(Ready.R)
            else:
                wanted = steps.send((yield wanted))
    except StopIteration as end:
        result: Result = end.value
        return result
