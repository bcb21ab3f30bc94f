"""Runs what goes on beside the requests, from the service's start to its end."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Protocol


class Run(Protocol):
    """Something that runs beside the service until it is told to stop."""

    def __call__(self, *, stopping: asyncio.Event) -> Coroutine[None, None, None]:
        """Run until `stopping`."""
        ...


@asynccontextmanager
async def beside(name: str, run: Run) -> AsyncIterator[None]:
    """Run something beside the service; at its end it is told to stop, and what is under way is finished."""
    stopping = asyncio.Event()
    task = asyncio.create_task(run(stopping=stopping), name=name)
    try:
        yield
    finally:
        stopping.set()
        await task
