"""Runs the simulator as a server of its own, alone or around a command that is to use it."""

import asyncio
import os
import signal
import socket
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import uvicorn
import uvloop

from app.adapters.population.factory import SANDBOX_POPULATION
from app.adapters.population.sandbox.population_file import open_population
from app.adapters.population.sandbox.sandbox_population import SandboxPopulation
from app.sandbox.generate import generate_population
from app.simulator.server import AbortableProtocol, Simulator

_GRACE_SECONDS: Final = 2
_BACKLOG: Final = 2048
_KILLED: Final = 128


class CannotRunError(Exception):
    """The simulator or the command beside it does not start; the text says why."""


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals alone: whoever runs the server has to end a command first."""
        yield


@contextmanager
def listening(host: str, port: int) -> Iterator[socket.socket]:
    """Give a socket that listens already, so that a command can ask as soon as it is there.

    Raises:
        CannotRunError: the address cannot be listened on.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        bound = socket.create_server((host, port), family=family, backlog=_BACKLOG)
    except OSError as exc:
        raise CannotRunError(f"cannot listen on {host}:{port}: {exc.strerror or exc}") from exc
    with bound:
        yield bound


@contextmanager
def opened_population(people: int | None, seed: int) -> Iterator[SandboxPopulation]:
    """Give the sandbox's own people, or so many more of the seed, kept in a file until the end.

    Raises:
        PopulationFileError: the people cannot be read.
    """
    if people is None:
        with open_population(SANDBOX_POPULATION) as population:
            yield population
        return
    with TemporaryDirectory(prefix="motcua-npd-") as folder:
        path = Path(folder) / "population.json"
        with path.open("w", encoding="utf-8") as stream:
            generate_population(stream, people=people, seed=seed)
        with open_population(path) as population:
            yield population


def run(
    simulator: Simulator, bound: socket.socket, *, command: Sequence[str], environment: Mapping[str, str]
) -> int:
    """Serve until told to stop (0), or until the command ends (its exit status).

    The command gets `environment` besides our own, and is told to stop when we are.

    Raises:
        CannotRunError: the command cannot be started.
    """
    config = uvicorn.Config(
        simulator,
        http=AbortableProtocol,
        lifespan="off",
        access_log=False,
        log_level="warning",
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_serve(_Server(config), bound, command, environment))


async def _serve(
    server: uvicorn.Server, bound: socket.socket, command: Sequence[str], environment: Mapping[str, str]
) -> int:
    told_to_stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, told_to_stop.set)
    serving = asyncio.create_task(server.serve([bound]))
    stopping = asyncio.create_task(told_to_stop.wait())
    status = 0
    try:
        if command:
            status = await _beside(command, environment, {serving, stopping})
        else:
            await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        # The command is over by now: it had somebody to ask to its end.
        stopping.cancel()
        server.should_exit = True
        await serving
    return 0 if told_to_stop.is_set() else status


async def _beside(
    command: Sequence[str], environment: Mapping[str, str], ends: set[asyncio.Task[None] | asyncio.Task[bool]]
) -> int:
    """Run the command until it ends or one of `ends` does, and return its exit status as a shell has it."""
    try:
        process = await asyncio.create_subprocess_exec(*command, env={**os.environ, **environment})
    except OSError as exc:
        raise CannotRunError(f"{command[0]}: {exc.strerror}") from exc
    waiting = asyncio.create_task(process.wait())
    await asyncio.wait({waiting, *ends}, return_when=asyncio.FIRST_COMPLETED)
    if not waiting.done():
        process.terminate()
    status = await waiting
    return _KILLED - status if status < 0 else status
