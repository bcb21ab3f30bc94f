"""States of a server process, noted once a second: where there are several, one is asked for all."""

import asyncio
import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

from prometheus_client import CollectorRegistry, Gauge

from app.pauses import pause

_PAUSE_SECONDS: Final = 1.0
_PAGE_BYTES: Final = os.sysconf("SC_PAGE_SIZE")


class ProcessGauges:
    """What a process has in hand, how large it is, and which version it runs since when."""

    def __init__(self, registry: CollectorRegistry, *, version: str, started_at: float) -> None:
        self._in_flight = Gauge(
            "motcua_requests_in_flight",
            "Requests that are being answered.",
            registry=registry,
            multiprocess_mode="livesum",
        )
        self._queue = Gauge(
            "motcua_audit_queue_records",
            "Audit records that wait to become durable, of the fullest process.",
            registry=registry,
            multiprocess_mode="livemax",
        )
        self._memory = Gauge(
            "motcua_memory_bytes",
            "Memory of all processes of this host that serve.",
            registry=registry,
            multiprocess_mode="livesum",
        )
        build = Gauge(
            "motcua_processes",
            "Processes of this host that serve, by version.",
            ("version",),
            registry=registry,
            multiprocess_mode="livesum",
        )
        build.labels(version).set(1)
        self._started = Gauge(
            "motcua_start_time_seconds",
            "When the newest process of this host started, in seconds since 1970.",
            registry=registry,
            multiprocess_mode="livemax",
        )
        self._started.set(started_at)

    async def run(
        self,
        *,
        requests_in_flight: Callable[[], int],
        audit_queue: Callable[[], int],
        stopping: asyncio.Event,
    ) -> None:
        """Note the states every second until `stopping`."""
        while not stopping.is_set():
            self._in_flight.set(requests_in_flight())
            self._queue.set(audit_queue())
            self._memory.set(_resident_bytes())
            await pause(_PAUSE_SECONDS, stopping=stopping)


def _resident_bytes() -> int:
    # Linux's own file; elsewhere there is none, and 0 stands for not known.
    try:
        return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * _PAGE_BYTES
    except OSError:
        return 0
