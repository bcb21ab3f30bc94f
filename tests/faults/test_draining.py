"""How real processes end: told to, told twice, and with work under way."""

import asyncio
import signal
from pathlib import Path

import httpx
import pytest

from tests.faults.test_processes import LOOKUP, bearer
from tests.processes import running_service
from tests.simulators import running_simulator

pytestmark = pytest.mark.anyio

SLOW = LOOKUP | {"id_number": "100999000007"}
"""Takes two seconds."""


@pytest.mark.timeout(240)
@pytest.mark.parametrize("workers", ["1", "2"])
async def test_a_service_told_to_stop_says_so_first_and_finishes_what_it_has(
    workers: str, tmp_path: Path
) -> None:
    settings = {"workers": workers, "shutdown_notice_seconds": "5"}
    with running_service(f"sqlite:///{tmp_path}/service.db", tmp_path, **settings) as service:
        headers = bearer(service, "receiver")
        async with httpx.AsyncClient(base_url=service.base_url, headers=headers, timeout=30) as client:
            service.process.terminate()
            ready = await client.get("/health/ready")
            while ready.status_code != 503:
                await asyncio.sleep(0.05)
                ready = await client.get("/health/ready")
            assert (ready.json()["code"], "Retry-After" in ready.headers) == ("service-unavailable", True)
            # Still served: the balancer may not have asked yet.
            assert (await client.get("/health/live")).status_code == 200
            last = await client.post("/verify/id-card", json=LOOKUP)
            assert last.json()["result"] == "exists"
            # The next request is for another process, and never sent into a connection that is being closed.
            assert last.headers["Connection"] == "close"
            slow = asyncio.create_task(client.post("/verify/id-card", json=SLOW))
            await _until_nobody_listens(service.base_url)
            assert (await slow).json()["result"] == "not_found"
        service.process.wait(30)
        assert service.process.returncode in {0, -signal.SIGTERM}


async def _until_nobody_listens(base_url: str) -> None:
    async with asyncio.timeout(60):
        while True:
            try:
                # A connection of its own each time: those that are open are served to their end.
                async with httpx.AsyncClient(timeout=5) as other:
                    await other.get(f"{base_url}/health/live")
            except httpx.ConnectError:
                return
            except httpx.TransportError:
                pass
            await asyncio.sleep(0.1)


@pytest.mark.timeout(240)
@pytest.mark.parametrize("workers", ["1", "2"])
async def test_a_service_told_twice_ends_at_once(workers: str, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/service.db"
    patient = {"workers": workers, "npd_timeout_seconds": "60", "npd_read_timeout_seconds": "60"}
    with (
        running_simulator("ndxp-soap", tmp_path) as simulator,
        running_service(url, tmp_path, **simulator.settings, **patient) as service,
    ):
        simulator.fail("silent")
        headers = bearer(service, "receiver")
        async with httpx.AsyncClient(base_url=service.base_url, headers=headers, timeout=90) as client:
            never = asyncio.create_task(client.post("/verify/id-card", json=LOOKUP))
            while not simulator.received():  # noqa: ASYNC110 - another process'
                await asyncio.sleep(0.1)
            service.process.terminate()
            await asyncio.sleep(2)
            assert service.process.poll() is None
            service.process.terminate()
            service.process.wait(20)
            with pytest.raises(httpx.TransportError):
                await never
