"""How a process ends: told to (SIGTERM), it says that it is not ready, then takes nothing new, then finishes.

The server underneath closes its listeners as soon as it is told; a balancer would learn of that by a refused
connection. Told a second time, it ends at once, as by SIGKILL: what was acknowledged is durable.
"""

import asyncio
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from types import FrameType
from typing import Any, Final

import structlog
import uvicorn
from uvicorn.supervisors import Multiprocess

from app.deaf_listeners import deafen
from app.intake.edge import SERVER_OPTIONS
from app.intake.gates import Gates
from app.memory import collector_at_rest
from app.settings import Settings

_SIGNALS: Final = (signal.SIGTERM, signal.SIGINT)
_LOOK_SECONDS: Final = 0.1
# A worker without a sign of life for so long is replaced. One that starts on a busy machine takes longer to
# load its libraries than the server's own five seconds, and was killed each time before it was up.
_HUNG_SECONDS: Final = 60

log = structlog.get_logger(__name__)


def serve(settings: Settings) -> None:
    """Serve until a signal says to end; one process, or several under one that watches them."""
    config = _Config(
        "app.main:app_from_environment",
        factory=True,
        host=settings.host,
        port=settings.port,
        workers=settings.workers,
        loop="uvloop",
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=settings.trusted_proxies,
        timeout_graceful_shutdown=settings.shutdown_seconds,
        timeout_worker_healthcheck=_HUNG_SECONDS,
        **SERVER_OPTIONS,
    )
    if settings.workers > 1:
        _Workers(config, sockets=[config.bind_socket()]).run()
        return
    server = uvicorn.Server(config)
    server.run()
    if not server.started:
        sys.exit(1)


class _Config(uvicorn.Config):
    def load(self) -> None:
        """Import and build the service."""
        with collector_at_rest():
            super().load()


class _Workers(Multiprocess):
    """The process that watches the workers, ended by signals as they are."""

    def keep_subprocess_alive(self) -> None:
        """Ask each worker for a sign of life, and replace those that give none."""
        for worker in self.processes:
            # Of the pipe's other end only the worker keeps a copy: one that dies while it is asked is missed
            # at once, not after `_HUNG_SECONDS`.
            worker.child_conn.close()
        super().keep_subprocess_alive()

    def terminate_all(self) -> None:
        """Tell the workers to end, and keep no socket open to which somebody could still connect."""
        super().terminate_all()
        for each in self.sockets:
            each.close()

    def join_all(self) -> None:
        """Wait for the workers; told a second time, kill them."""
        while any(worker.process.is_alive() for worker in self.processes):
            if self.signal_queue:
                for worker in self.processes:
                    worker.process.kill()
                break
            time.sleep(_LOOK_SECONDS)
        super().join_all()


@contextmanager
def draining(gates: Gates, *, notice_seconds: float) -> Iterator[None]:
    """Stand before the server's handlers of signals, within a running loop.

    The server is told `notice_seconds` after the gates were; at once by an interrupt, where somebody waits at
    a keyboard. Where no server of ours runs, nothing is done.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    loop = asyncio.get_running_loop()
    servers = {number: signal.getsignal(number) for number in _SIGNALS}

    def handle(number: int, _frame: FrameType | None) -> None:
        if gates.is_draining:
            _end_if_told_twice(number)
            return
        gates.begin_draining()
        tell = servers[signal.Signals(number)]
        if not callable(tell):
            return
        if number == signal.SIGINT:
            tell(number, None)
        else:
            end = partial(_end_listening, loop, tell, number)
            loop.call_soon_threadsafe(partial(loop.call_later, notice_seconds, end))

    ours = [
        number
        for number, present in servers.items()
        if isinstance(getattr(present, "__self__", None), uvicorn.Server)
    ]
    for number in ours:
        signal.signal(number, handle)
    try:
        yield
    finally:
        for number in ours:
            signal.signal(number, servers[number])


def _end_listening(loop: asyncio.AbstractEventLoop, tell: Callable[..., Any], number: int) -> None:
    """Tell the server once it has accepted what was connected to it already."""
    # First: nothing that goes wrong here may keep the process from its end.
    loop.call_later(_LOOK_SECONDS, tell, number, None)
    server = getattr(tell, "__self__", None)
    deafen(listener for each in getattr(server, "servers", ()) for listener in each.sockets)


def _end_if_told_twice(number: int) -> None:
    # A worker hears of one signal twice where the whole group gets it, and then from its parent; it is the
    # parent that kills it.
    if multiprocessing.parent_process() is None:
        log.warning("ended-at-once", signal=signal.Signals(number).name)
        sys.stdout.flush()
        os._exit(128 + number)
