"""How a process ends: told to (SIGTERM), it says that it is not ready, then takes nothing new, then finishes.

The server underneath closes its listeners as soon as it is told; a balancer would learn of that by a refused
connection. Told a second time, it ends at once, as by SIGKILL: what was acknowledged is durable.
"""

import asyncio
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from types import FrameType
from typing import Any, Final

import uvicorn

from app.intake.gates import Gates
from app.serving.deaf_listeners import deafen

_SIGNALS: Final = (signal.SIGTERM, signal.SIGINT)
_LOOK_SECONDS: Final = 0.1


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
        # What is closed after this may hang: told a second time, the process is to end all the same.
        if not gates.is_draining:
            for number in ours:
                signal.signal(number, servers[number])


def _end_listening(loop: asyncio.AbstractEventLoop, tell: Callable[..., Any], number: int) -> None:
    """Tell the server once it has accepted what was connected to it already."""
    # First: nothing that goes wrong here may keep the process from its end.
    loop.call_later(_LOOK_SECONDS, tell, number, None)
    server = getattr(tell, "__self__", None)
    all_end = getattr(getattr(server, "config", None), "all_end", None)
    if all_end is not None and not all_end.is_set():
        # The socket is also that of the workers that stay: they accept what comes.
        return
    deafen(listener for each in getattr(server, "servers", ()) for listener in each.sockets)


def _end_if_told_twice(number: int) -> None:
    # A worker hears of one signal twice where the whole group gets it, and then from its parent; it is the
    # parent that kills it.
    if multiprocessing.parent_process() is None:
        # Nothing is logged: the signal may have come amid a line, whose lock nobody would give back.
        os._exit(128 + number)
