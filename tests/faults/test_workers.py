"""Several workers under the process that watches them: one that ends alone, and one that hangs."""

import asyncio
import os
import signal
import time
from pathlib import Path

import httpx
import pytest

from tests.processes import Service, running_service

pytestmark = pytest.mark.anyio

# Less than it takes for a worker to pass for hung.
PATIENCE_SECONDS = 40


def is_live(service: Service) -> bool:
    try:
        # A connection of its own.
        return httpx.get(f"{service.base_url}/health/live", timeout=5).status_code == httpx.codes.OK
    except httpx.TransportError:
        return False


@pytest.mark.timeout(400)
async def test_a_worker_that_ends_alone_takes_nobody_elses_connections_with_it(tmp_path: Path) -> None:
    with running_service(f"sqlite:///{tmp_path}/service.db", tmp_path, workers="2") as service:
        alone = service.workers()[0]
        os.kill(alone, signal.SIGTERM)
        deadline = time.monotonic() + PATIENCE_SECONDS
        while alone in (present := service.workers()) or len(present) < 2:
            assert time.monotonic() < deadline
            await asyncio.sleep(0.2)
        assert [is_live(service) for _ in range(10)] == [True] * 10


@pytest.mark.timeout(400)
async def test_a_replacement_that_cannot_start_leaves_the_others_serving(tmp_path: Path) -> None:
    with running_service(f"sqlite:///{tmp_path}/service.db", tmp_path, workers="2") as service:
        await _both_serve(service)
        # Whoever watches them looks twice a second.
        await asyncio.sleep(2)
        keys = tmp_path / "keys.json"
        # As after a careless copy: others could read them.
        keys.chmod(0o644)
        os.kill(service.workers()[0], signal.SIGKILL)
        deadline = time.monotonic() + 2 * PATIENCE_SECONDS
        while service.log.read_text().count("worker-replaced") < 2:
            assert time.monotonic() < deadline
            await asyncio.sleep(0.2)
        assert is_live(service)
        keys.chmod(0o600)
        await _both_serve(service)


@pytest.mark.timeout(400)
async def test_beside_a_worker_that_hangs_the_others_hear_that_all_are_to_end(tmp_path: Path) -> None:
    settings = {"workers": "2", "shutdown_notice_seconds": "60"}
    with running_service(f"sqlite:///{tmp_path}/service.db", tmp_path, **settings) as service:
        hanging, other = service.workers()
        os.kill(hanging, signal.SIGSTOP)
        # It is asked for a sign of life meanwhile.
        await asyncio.sleep(2)
        service.process.terminate()
        deadline = time.monotonic() + PATIENCE_SECONDS
        # Of the connections that the system gives to the one that hangs, nobody answers.
        while (ready := _readiness(service)) != httpx.codes.SERVICE_UNAVAILABLE:
            assert time.monotonic() < deadline, ready
            await asyncio.sleep(0.2)
        assert other in service.workers()
        # Told twice, all end at once.
        service.process.terminate()
        assert service.process.wait(PATIENCE_SECONDS) == 0


@pytest.mark.timeout(400)
async def test_workers_that_hear_first_that_all_are_to_end_are_not_replaced(tmp_path: Path) -> None:
    with running_service(f"sqlite:///{tmp_path}/service.db", tmp_path, workers="2") as service:
        await _both_serve(service)
        # One that ends sooner after its beginning is not started again at once.
        await asyncio.sleep(6)
        ending = service.workers()
        os.kill(service.process.pid, signal.SIGSTOP)
        for worker in ending:
            os.kill(worker, signal.SIGTERM)
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not all(_has_ended(worker) for worker in ending):
            assert time.monotonic() < deadline
            await asyncio.sleep(0.2)
        service.process.terminate()
        os.kill(service.process.pid, signal.SIGCONT)
        assert service.process.wait(PATIENCE_SECONDS) == 0
        assert "worker-replaced" not in service.log.read_text()


def _has_ended(worker: int) -> bool:
    # Its parent, which is stopped, has not taken notice of it yet.
    return "Z (zombie)" in Path(f"/proc/{worker}/status").read_text()


async def _both_serve(service: Service) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while len(service.workers()) < 2 or service.figure("motcua_processes") < 2:
        assert time.monotonic() < deadline
        await asyncio.sleep(0.2)


def _readiness(service: Service) -> int | None:
    try:
        return httpx.get(f"{service.base_url}/health/ready", timeout=2).status_code
    except httpx.TransportError:
        return None
