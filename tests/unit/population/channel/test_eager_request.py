"""Questions leave in the event loop's turn in which they are asked; long ones go on without holding it up."""

import asyncio
import select
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import aiohttp
import pytest

from app.adapters.population.channel.eager_request import EagerRequest

# aiohttp warns of long bodies, which no question has.
pytestmark = [pytest.mark.anyio, pytest.mark.filterwarnings("ignore:Sending a large body")]

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
LONGER_THAN_BUFFERS = b"x" * 20_000_000


@dataclass
class Peer:
    """A register whose socket the test reads itself, and the session that asks it."""

    session: aiohttp.ClientSession
    url: str
    listener: socket.socket

    async def ask(self, body: bytes) -> str:
        async with self.session.post(self.url, data=body) as answer:
            return await answer.text()

    async def accept(self) -> socket.socket:
        connection, _ = await asyncio.get_running_loop().sock_accept(self.listener)
        connection.setblocking(False)  # noqa: FBT003 - its only parameter
        return connection


@asynccontextmanager
async def peer() -> AsyncIterator[Peer]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)  # noqa: FBT003 - its only parameter
        async with aiohttp.ClientSession(request_class=EagerRequest) as session:
            yield Peer(session, f"http://127.0.0.1:{listener.getsockname()[1]}/", listener)


async def receive(connection: socket.socket, size: int) -> bytes:
    received = bytearray()
    while len(received) < size:
        received += await asyncio.get_running_loop().sock_recv(connection, 1_000_000)
    return bytes(received)


async def test_a_question_leaves_before_the_loop_turns() -> None:
    loop = asyncio.get_running_loop()
    async with peer() as register:
        first = asyncio.create_task(register.ask(b"question"))
        with await register.accept() as connection:
            assert (await receive(connection, 1)).endswith(b"question")
            await loop.sock_sendall(connection, ANSWER)
            assert await first == "ok"

            # On the connection that is open now: what is called next in the same turn finds it sent.
            second = asyncio.create_task(register.ask(b"question"))
            in_the_same_turn = loop.create_future()
            loop.call_soon(lambda: in_the_same_turn.set_result(select.select([connection], [], [], 0)[0]))
            assert await in_the_same_turn == [connection]

            assert (await receive(connection, 1)).endswith(b"question")
            await loop.sock_sendall(connection, ANSWER)
            assert await second == "ok"


async def test_a_long_question_arrives_whole_at_a_peer_that_reads_slowly() -> None:
    async with peer() as register:
        asking = asyncio.create_task(register.ask(LONGER_THAN_BUFFERS))
        with await register.accept() as connection:
            await asyncio.sleep(0.05)
            received = await receive(connection, len(LONGER_THAN_BUFFERS))
            while not received.endswith(LONGER_THAN_BUFFERS):
                received += await receive(connection, 1)
            await asyncio.get_running_loop().sock_sendall(connection, ANSWER)
            assert await asking == "ok"


async def test_a_long_question_that_is_given_up_closes_its_connection() -> None:
    async with peer() as register:
        asking = asyncio.create_task(register.ask(LONGER_THAN_BUFFERS))
        with await register.accept() as connection:
            await asyncio.sleep(0.05)
            asking.cancel()
            with pytest.raises(asyncio.CancelledError):
                await asking
            async with asyncio.timeout(5):
                while await asyncio.get_running_loop().sock_recv(connection, 1_000_000):
                    pass


async def test_a_long_question_fails_with_its_connection() -> None:
    async with peer() as register:
        asking = asyncio.create_task(register.ask(LONGER_THAN_BUFFERS))
        connection = await register.accept()
        await asyncio.sleep(0.05)
        connection.close()
        with pytest.raises(aiohttp.ClientError):
            await asking
