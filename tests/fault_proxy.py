"""A proxy before a server that loses, holds and delays what passes, on a thread of its own.

Knows of PostgreSQL's protocol what a COMMIT looks like: held before it is forwarded, nobody has committed;
held after, the server has and nobody was told; cut, the client can never know.
"""

import asyncio
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Final, Literal

from sqlalchemy.engine import make_url

_CHUNK: Final = 65536
# With the end of the statement, which tells it from BEGIN ... READ COMMITTED.
_COMMIT: Final = b"COMMIT\x00"
_RESET_ON_CLOSE: Final = struct.pack("ii", 1, 0)

Phase = Literal["before", "after", "cut"]


@dataclass
class _Hold:
    """Which COMMIT is to be stopped, counted from now, and how."""

    phase: Phase
    countdown: int
    times: int
    reached: threading.Event = field(default_factory=threading.Event)


@dataclass
class _Line:
    """One connection: who waits for the next answer on it instead of the client, and whether one has come."""

    kept: "asyncio.Future[bytes] | None" = None
    is_answered: bool = True


class FaultProxy:
    """Forwards everything until told otherwise; its attributes may be set from any thread."""

    def __init__(self, server_url: str) -> None:
        url = make_url(server_url)
        host = url.query.get("host") or url.host or "127.0.0.1"
        self._host = host if isinstance(host, str) else host[0]
        self._port = url.port or 5432
        self._loop = asyncio.new_event_loop()
        self._connections: set[asyncio.StreamWriter] = set()
        self._hold: _Hold | None = None
        self._released = asyncio.Event()
        self.delay_seconds = 0.0
        """How long each piece is held, in either direction."""
        self.trips = 0
        """How often a client asked after it was answered; counted with a delay, so that none overlap."""
        self.is_silent = False
        """Whether nothing passes, as if somebody had pulled a cable: no end is told."""
        self.port = 0

    def hold_commit(self, phase: Phase, *, countdown: int = 1, times: int = 1) -> threading.Event:
        """Stop a COMMIT, the `countdown`-th from now and as many after it; the event says that it came."""
        hold = _Hold(phase, countdown, times)
        self._loop.call_soon_threadsafe(self._released.clear)
        self._hold = hold
        return hold.reached

    @property
    def is_holding(self) -> bool:
        """Whether a COMMIT that is to be stopped has not come yet."""
        return self._hold is not None

    def cut_commits(self, times: int) -> None:
        """Lose the answers to the next COMMITs, and the connections with them."""
        self.hold_commit("cut", times=times)

    def release(self) -> None:
        """Let go of what is held, and hold nothing more."""
        self._hold = None
        self._loop.call_soon_threadsafe(self._released.set)

    def reset_connections(self) -> int:
        """Cut all connections off with a reset; tell how many."""
        return asyncio.run_coroutine_threadsafe(self._reset_connections(), self._loop).result(10)

    async def _reset_connections(self) -> int:
        present = list(self._connections)
        for writer in present:
            _reset(writer)
        return len(present)

    async def serve(self) -> None:
        """Listen on a free port of the loopback."""
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._connections.add(writer)
        to_write: asyncio.StreamWriter | None = None
        line = _Line()
        try:
            to_read, to_write = await self._connect()
            answers = asyncio.create_task(self._forward(to_read, writer, line))
            questions = asyncio.create_task(self._ask(reader, to_write, writer, line))
            await asyncio.wait({questions, answers}, return_when=asyncio.FIRST_COMPLETED)
            for task in (questions, answers):
                task.cancel()
            await asyncio.gather(questions, answers, return_exceptions=True)
        except OSError:
            pass  # nobody listens there: the client is told by the end of its connection
        finally:
            self._connections.discard(writer)
            for end in filter(None, (writer, to_write)):
                end.close()

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self._host.startswith("/"):
            return await asyncio.open_unix_connection(f"{self._host}/.s.PGSQL.{self._port}")
        return await asyncio.open_connection(self._host, self._port)

    async def _ask(
        self,
        reader: asyncio.StreamReader,
        to_write: asyncio.StreamWriter,
        writer: asyncio.StreamWriter,
        line: _Line,
    ) -> None:
        while sent := await reader.read(_CHUNK):
            self.trips += line.is_answered
            line.is_answered = False
            await self._hold_up()
            hold = self._due_hold(sent)
            if hold is not None and hold.phase == "before":
                await self._held(hold)
                if writer.transport.is_closing():
                    return
            elif hold is not None:
                line.kept = asyncio.get_running_loop().create_future()
                to_write.write(sent)
                answer = await line.kept
                if hold.phase == "cut":
                    hold.reached.set()
                    _reset(writer)
                    return
                await self._held(hold)
                writer.write(answer)
                continue
            to_write.write(sent)
            await to_write.drain()

    async def _held(self, hold: _Hold) -> None:
        hold.reached.set()
        await self._released.wait()

    def _due_hold(self, sent: bytes) -> _Hold | None:
        hold = self._hold
        if hold is None or _COMMIT not in sent:
            return None
        hold.countdown -= 1
        if hold.countdown > 0:
            return None
        hold.times -= 1
        if hold.times == 0:
            self._hold = None
        return hold

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, line: _Line) -> None:
        while answer := await reader.read(_CHUNK):
            await self._hold_up()
            line.is_answered = True
            if line.kept is not None:
                line.kept.set_result(answer)
                line.kept = None
                continue
            writer.write(answer)
            await writer.drain()

    async def _hold_up(self) -> None:
        if self.delay_seconds:
            await asyncio.sleep(self.delay_seconds)
        while self.is_silent:  # noqa: ASYNC110 - set from any thread
            await asyncio.sleep(0.02)

    def run(self, ready: threading.Event) -> None:
        """Serve until `end`; to be called in a thread."""
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self.serve())
        ready.set()
        self._loop.run_forever()
        self._server.close()
        tasks = asyncio.all_tasks(self._loop)
        for task in tasks:
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        self._loop.close()

    def end(self) -> None:
        """Stop serving."""
        self._loop.call_soon_threadsafe(self._loop.stop)


def _reset(writer: asyncio.StreamWriter) -> None:
    connection = writer.get_extra_info("socket")
    with suppress(OSError):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
    writer.transport.abort()


@contextmanager
def fault_proxy(server_url: str) -> Iterator[tuple[FaultProxy, str]]:
    """Give a proxy before a PostgreSQL, and the URL of the same database through it."""
    proxy, ready = FaultProxy(server_url), threading.Event()
    thread = threading.Thread(target=proxy.run, args=(ready,), name="fault-proxy", daemon=True)
    thread.start()
    assert ready.wait(10)
    url = make_url(server_url).set(host="127.0.0.1", port=proxy.port, query={})
    try:
        yield proxy, url.render_as_string(hide_password=False)
    finally:
        proxy.end()
        thread.join(10)
