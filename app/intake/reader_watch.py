"""Lets go of a caller who does not read what is sent: a place is held for the answer meanwhile."""

import asyncio


class ReaderWatch:
    """Watches what the system has not taken yet of a connection's answers, while there is too much of it."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        transport: asyncio.Transport,
        *,
        seconds: float,
        least_bytes: int,
    ) -> None:
        self._loop = loop
        self._transport = transport
        self._seconds = seconds
        self._least_bytes = least_bytes
        self._timer: asyncio.TimerHandle | None = None

    def begin(self) -> None:
        """Break the connection off once it has taken less than `least_bytes` in `seconds`."""
        self._look_later()

    def end(self) -> None:
        """Stop watching."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _look_later(self) -> None:
        left = self._transport.get_write_buffer_size()
        self._timer = self._loop.call_later(self._seconds, self._look, left)

    def _look(self, left_before: int) -> None:
        if left_before - self._transport.get_write_buffer_size() < self._least_bytes:
            self._transport.abort()
        else:
            self._look_later()
