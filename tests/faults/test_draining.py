"""How real processes end: told to, told twice, and with work under way."""

import asyncio
import signal
import time
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from tests.faults.test_processes import LOOKUP, bearer
from tests.processes import running_service

pytestmark = pytest.mark.anyio

SLOW = LOOKUP | {"id_number": "100999000007"}
"""Takes two seconds."""


@pytest.mark.parametrize("workers", ["1", "2"])
async def test_a_service_told_to_stop_says_so_first_and_finishes_what_it_has(
    workers: str, tmp_path: Path
) -> None:
    settings = {"workers": workers, "shutdown_notice_seconds": "1"}
    with running_service(f"sqlite:///{tmp_path}/service.db", tmp_path, **settings) as service:
        headers = bearer(service, "receiver")
        async with httpx.AsyncClient(base_url=service.base_url, headers=headers, timeout=30) as client:
            service.process.terminate()
            # A parent tells its workers within half a second.
            told = time.monotonic()
            while (await client.get("/health/ready")).status_code != 503:
                assert time.monotonic() - told < 1.5
                await asyncio.sleep(0.02)
            ready = await client.get("/health/ready")
            assert (ready.json()["code"], "Retry-After" in ready.headers) == ("service-unavailable", True)
            assert (await client.get("/health/live")).status_code == 200
            # Still served: the balancer may not have asked yet.
            async with httpx.AsyncClient(base_url=service.base_url, headers=headers, timeout=30) as other:
                slow = asyncio.create_task(other.post("/verify/id-card", json=SLOW))
                await asyncio.sleep(1.5)
                with pytest.raises(httpx.ConnectError):
                    await asyncio.wait_for(httpx.AsyncClient().get(f"{service.base_url}/health/live"), 3)
                assert (await slow).json()["result"] == "not_found"
        service.process.wait(10)
        assert service.process.returncode in {0, -signal.SIGTERM}


@pytest.mark.parametrize("workers", ["1", "2"])
async def test_a_service_told_twice_ends_at_once(workers: str, tmp_path: Path) -> None:
    with running_service(f"sqlite:///{tmp_path}/service.db", tmp_path, workers=workers) as service:
        headers = bearer(service, "receiver")
        async with httpx.AsyncClient(base_url=service.base_url, headers=headers, timeout=30) as client:
            slow = asyncio.create_task(client.post("/verify/id-card", json=SLOW))
            await asyncio.sleep(0.5)
            service.process.terminate()
            await asyncio.sleep(0.8)
            assert service.process.poll() is None
            service.process.terminate()
            service.process.wait(1)
            with suppress(httpx.TransportError):
                await slow
                raise AssertionError("it went on")
