"""Runs the server: one process, or several under one that watches them."""

import multiprocessing
import signal
import sys
import time
from multiprocessing.synchronize import Event
from socket import socket
from typing import Final

import structlog
import uvicorn
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess
from uvicorn.supervisors.multiprocess import SIGNALS, Process

from app.intake.edge import SERVER_OPTIONS
from app.serving.memory import collector_at_rest
from app.settings.settings import Settings

_LOOK_SECONDS: Final = 0.1
# A worker without a sign of life for so long is replaced. One that starts on a busy machine needs long to
# load its libraries.
_HUNG_SECONDS: Final = 60
# A worker that ends as soon as it starts must not keep a core busy.
_AGAIN_SECONDS: Final = 5
_HEARD: Final = frozenset({signal.SIGTERM, signal.SIGINT})

log = structlog.get_logger(__name__)


def serve(settings: Settings) -> None:
    """Serve until a signal says to end; the process ends with status 1 if nothing could be served."""
    config = Config(
        "app.main:app_from_environment",
        factory=True,
        host=settings.host,
        port=settings.port,
        workers=settings.workers,
        loop="uvloop",
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=settings.trusted_proxies,
        timeout_graceful_shutdown=settings.shutdown_seconds,
        **SERVER_OPTIONS,
    )
    if settings.workers > 1:
        workers = Workers(config, [config.bind_socket()])
        workers.run()
        has_served = not workers.is_given_up
    else:
        server = uvicorn.Server(config)
        server.run()
        has_served = server.started
    if not has_served:
        sys.exit(1)


class Config(uvicorn.Config):
    """The server's options; `all_end` is set once all workers end, None where there is one process."""

    all_end: Event | None = None

    def load(self) -> None:
        """Import and build the service."""
        with collector_at_rest():
            super().load()


class _Worker(Process):
    """A worker that is asked for a sign of life, and not waited for.

    Whoever waits for one that hangs does not see another die, nor hears that all are to end.
    """

    def __init__(self, config: uvicorn.Config, sockets: list[socket]) -> None:
        super().__init__(config, sockets)
        self.began = self._heard = time.monotonic()
        self.has_served = False

    def is_alive(self, timeout: float = 5) -> bool:
        """Tell whether it runs, and was heard within `timeout` seconds."""
        if not self.process.is_alive():
            return False
        is_serving = self._healthcheck(0)
        if is_serving is not None:
            self._heard = time.monotonic()
            self.has_served |= is_serving
        return time.monotonic() - self._heard < timeout


class Workers(Multiprocess):
    """The process that watches the workers. It hears SIGTERM and SIGINT; other signals change nothing."""

    processes: list[_Worker]  # type: ignore[assignment] # of no others

    def __init__(self, config: Config, sockets: list[socket]) -> None:
        super().__init__(config, sockets)
        self.is_given_up = False
        self._all_end = config.all_end = multiprocessing.get_context("spawn").Event()
        self._has_served = False
        for number in SIGNALS.keys() - _HEARD:
            signal.signal(number, signal.SIG_IGN)

    def init_processes(self) -> None:
        """Start the workers."""
        for _ in range(self.processes_num):
            self.processes.append(self._started())

    def keep_subprocess_alive(self) -> None:
        """Replace the workers that have ended or hang; end all if the first ones cannot start."""
        if self.should_exit.is_set():
            # Whoever told all of them to end may have been heard by a worker first.
            return
        for index, worker in enumerate(self.processes):
            if worker.is_alive(_HUNG_SECONDS):
                self._has_served |= worker.has_served
                continue
            worker.kill()
            worker.join()
            if worker.exitcode == STARTUP_FAILURE and not self._has_served:
                log.error("workers-not-started")
                self.is_given_up = True
                self.should_exit.set()
                return
            # What keeps a later one from starting may pass, and the others serve.
            if time.monotonic() - worker.began > _AGAIN_SECONDS:
                log.warning("worker-replaced", status=worker.exitcode)
                self.processes[index] = self._started()

    def terminate_all(self) -> None:
        """Tell the workers to end, and keep no socket open to which somebody could still connect."""
        self._all_end.set()
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

    def _started(self) -> _Worker:
        worker = _Worker(self.config, self.sockets)
        worker.start()
        return worker
