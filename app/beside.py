"""Runs what goes on beside the requests, from the service's start to its end."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Final, Protocol

import structlog

from app.pauses import pause

log = structlog.get_logger(__name__)

_PAUSE_SECONDS: Final = 5.0


class Run(Protocol):
    """Something that runs beside the service until it is told to stop."""

    def __call__(self, *, stopping: asyncio.Event) -> Coroutine[None, None, None]:
        """Run until `stopping`."""
        ...


@asynccontextmanager
async def beside(name: str, run: Run, *, pause_seconds: float = _PAUSE_SECONDS) -> AsyncIterator[None]:
    """Run something beside the service; at its end it is told to stop, and what is under way is finished.

    What fails is told to the log and begun again after a pause: nobody waits for it, so nobody else would
    notice that it is gone.
    """
    stopping = asyncio.Event()
    task = asyncio.create_task(_kept_running(name, run, stopping, pause_seconds), name=name)
    try:
        yield
    finally:
        stopping.set()
        await task


async def _kept_running(name: str, run: Run, stopping: asyncio.Event, pause_seconds: float) -> None:
    is_due = True
    while is_due:
        try:
            await run(stopping=stopping)
        except Exception as failure:  # noqa: BLE001 - the next try makes up for it
            # Only the kind: a driver's message can hold values.
            log.warning("work-beside-failed", work=name, failure=type(failure).__name__)
        await pause(pause_seconds, stopping=stopping)
        is_due = not stopping.is_set()
