"""Figures of several workers: whichever is asked tells those of all, and forgets the states of a dead one."""

import asyncio
import os
import signal
import time
from pathlib import Path

import pytest

from tests.faults.test_processes import LOOKUP, post_all
from tests.processes import running_service

pytestmark = pytest.mark.anyio


# Less than it takes for a worker to pass for hung, and enough for one that starts on a slow machine.
PATIENCE_SECONDS = 50


@pytest.mark.timeout(300)
async def test_either_worker_tells_the_figures_of_both(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'service.db'}"
    with running_service(url, tmp_path, workers="2", budgets="off") as service:
        answers = await post_all(service, "/verify/id-card", LOOKUP, times=40, in_flight=20)
        assert {answer.status_code for answer in answers} == {200}
        counted = 'motcua_lookups_total{kind="id-card",result="exists"}'
        assert [service.figure(counted) for _ in range(10)] == [40] * 10
        assert service.figure("motcua_processes") == 2
        worker = service.workers()[0]
        # It dies with the question whether it lives unanswered.
        os.kill(worker, signal.SIGSTOP)
        await asyncio.sleep(2)
        os.kill(worker, signal.SIGKILL)
        # The server starts another one; the dead one's states are gone, what it counted is not.
        deadline = time.monotonic() + PATIENCE_SECONDS
        while (
            worker in (present := service.workers())
            or len(present) < 2
            or service.figure("motcua_processes") != 2
        ):
            assert time.monotonic() < deadline
            await asyncio.sleep(0.2)
        assert service.figure(counted) == 40
