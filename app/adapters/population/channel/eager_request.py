"""A request that leaves at once, not in the event loop's next turn.

aiohttp does so by itself from Python 3.12 on; this goes when 3.11 does. Without it, the questions of callers
that wake in one turn leave together once the last of them is written, so their answers come together too: 64
callers stay one burst in which each waits for all (`benchmarks/population_transport.py`).
"""

from collections.abc import Coroutine, Generator
from types import coroutine
from typing import Any

import aiohttp
from aiohttp.abc import AbstractStreamWriter
from aiohttp.connector import Connection


class EagerRequest(aiohttp.ClientRequest):
    """Writes its body when it is asked to, as far as that goes without waiting, and the rest as a task."""

    def write_bytes(
        self, writer: AbstractStreamWriter, conn: Connection, content_length: int | None = None
    ) -> Coroutine[Any, Any, None]:
        """Begin to write; return what is left to be awaited, mostly nothing."""
        writing = super().write_bytes(writer, conn, content_length)
        try:
            awaited = writing.send(None)
        except StopIteration:
            return _nothing()
        return _rest(writing, awaited)


async def _nothing() -> None:
    """All is written."""


async def _rest(writing: Coroutine[Any, Any, None], awaited: object) -> None:
    await _steps(writing, awaited)


@coroutine
def _steps(writing: Coroutine[Any, Any, None], awaited: object) -> Generator[Any, Any, None]:
    """Go on with a coroutine that has begun, once what it awaits is there."""
    try:
        while True:
            try:
                yield awaited
            except BaseException as exc:  # noqa: BLE001 - a cancellation too is for the coroutine to take
                awaited = writing.throw(exc)
            else:
                awaited = writing.send(None)
    except StopIteration:
        return
