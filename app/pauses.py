"""Pauses of what runs beside the requests."""

import asyncio
from contextlib import suppress


async def pause(seconds: float, *, stopping: asyncio.Event) -> None:
    """Wait so long, or until the service is told to end."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await stopping.wait()
