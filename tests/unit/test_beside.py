"""What runs beside the requests is not gone unnoticed when it fails."""

import asyncio

import pytest
import structlog.testing

from app.beside import beside

pytestmark = pytest.mark.anyio


class Failing:
    """Fails so many times, then runs until it is stopped."""

    def __init__(self, times: int) -> None:
        self.begun = 0
        self.is_running = asyncio.Event()
        self._times = times

    async def run(self, *, stopping: asyncio.Event) -> None:
        self.begun += 1
        if self.begun <= self._times:
            raise ValueError("unforeseen")
        self.is_running.set()
        await stopping.wait()


async def test_what_fails_is_told_and_begun_again() -> None:
    work = Failing(times=2)
    with structlog.testing.capture_logs() as lines:
        async with beside("sweeping", work.run, pause_seconds=0.01):
            async with asyncio.timeout(5):
                await work.is_running.wait()
    assert work.begun == 3
    assert [(line["event"], line["work"]) for line in lines] == [("work-beside-failed", "sweeping")] * 2


async def test_the_end_does_not_wait_for_another_try() -> None:
    work = Failing(times=1)
    async with asyncio.timeout(5):
        async with beside("sweeping", work.run, pause_seconds=60):
            await asyncio.sleep(0.01)
    assert work.begun == 1
