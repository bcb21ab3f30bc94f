"""Registers that misbehave on a real socket: every one is left in time, and none fills the memory."""

import asyncio
import ssl
import time
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import trustme

from app.adapters.population.channel.tls import TlsFileError
from app.errors import PopulationDatabaseError, PopulationDatabaseTimeoutError
from tests.unit.population.channel.channels import DIRECT, opened, question, read

pytestmark = pytest.mark.anyio

Talk = Callable[[asyncio.StreamWriter], Awaitable[None]]
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n"
QUICK = {"npd_timeout_seconds": 0.6, "npd_read_timeout_seconds": 0.3, "npd_connect_timeout_seconds": 0.3}


@asynccontextmanager
async def register(talk: Talk, tls: ssl.SSLContext | None = None) -> AsyncIterator[str]:
    """Serve: read a request's head and body, then talk, then close."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readuntil(b"\r\n\r\n")
            await talk(writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.transport.abort()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    port = server.sockets[0].getsockname()[1]
    async with server:
        yield f"{'http' if tls is None else 'https'}://127.0.0.1:{port}/dancu"


async def ask(url: str, **settings: Any) -> bytes:
    async with opened(DIRECT | QUICK | {"npd_url": url} | settings) as channel:
        return await channel.ask(question(url), read)


async def silent(_writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(5)


async def hanging(writer: asyncio.StreamWriter) -> None:
    writer.write(HEAD + b"Content-Length: 10\r\n\r\n")
    await asyncio.sleep(5)


async def dripping(writer: asyncio.StreamWriter) -> None:
    writer.write(HEAD + b"Content-Length: 1000\r\n\r\n")
    for _ in range(50):
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(0.1)


async def resetting(_writer: asyncio.StreamWriter) -> None:
    return


async def truncated(writer: asyncio.StreamWriter) -> None:
    writer.write(HEAD + b"Content-Length: 10\r\n\r\nabc")
    await writer.drain()


async def nonsense(writer: asyncio.StreamWriter) -> None:
    writer.write(b"\x00\x01 what\r\n\r\n")
    await writer.drain()


@cache
def packed_bomb() -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    return packer.compress(b"a" * 50_000_000) + packer.flush()


async def gzip_bomb(writer: asyncio.StreamWriter) -> None:
    bomb = packed_bomb()
    writer.write(HEAD + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(bomb) + bomb)
    await writer.drain()


async def other_encoding(writer: asyncio.StreamWriter) -> None:
    writer.write(HEAD + b"Content-Encoding: br\r\nContent-Length: 2\r\n\r\nok")
    await writer.drain()


@pytest.mark.parametrize(
    ("talk", "error"),
    [
        (silent, PopulationDatabaseTimeoutError),
        (hanging, PopulationDatabaseTimeoutError),
        (dripping, PopulationDatabaseTimeoutError),
        (resetting, PopulationDatabaseError),
        (truncated, PopulationDatabaseError),
        (nonsense, PopulationDatabaseError),
        (gzip_bomb, PopulationDatabaseError),
        (other_encoding, PopulationDatabaseError),
    ],
)
async def test_a_register_that_misbehaves_is_left_in_time(
    talk: Talk, error: type[PopulationDatabaseError]
) -> None:
    # Packed before the time runs: that takes half a second.
    packed_bomb()
    async with register(talk) as url:
        began = time.monotonic()
        with pytest.raises(PopulationDatabaseError) as raised:
            await ask(url)
        assert type(raised.value) is error
        assert time.monotonic() - began < 3


@pytest.mark.parametrize("chunked", [True, False])
async def test_of_fifty_megabytes_only_the_limit_is_taken(*, chunked: bool) -> None:
    sent = 0

    async def huge(writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        piece = b"a" * 65_536
        framing = b"Transfer-Encoding: chunked" if chunked else b"Content-Length: 52428800"
        writer.write(HEAD + framing + b"\r\n\r\n")
        while sent < 50 * 1024 * 1024:
            writer.write(b"10000\r\n" + piece + b"\r\n" if chunked else piece)
            await writer.drain()
            sent += len(piece)

    async with register(huge) as url:
        with pytest.raises(PopulationDatabaseError):
            await ask(url, npd_timeout_seconds=5)
    # What was on its way in the system's buffers is a few megabytes.
    assert sent < 20 * 1024 * 1024


async def answering(writer: asyncio.StreamWriter) -> None:
    writer.write(HEAD + b"Content-Length: 2\r\n\r\nok")
    await writer.drain()


async def test_a_connection_that_the_register_closed_is_not_used_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    async with register(answering) as url, opened(DIRECT | {"npd_url": url}) as channel:
        for _ in range(3):
            assert await channel.ask(question(url), read) == b"ok"
            await asyncio.sleep(0.05)


async def test_only_a_register_with_a_trusted_certificate_of_its_name_is_asked(tmp_path: Path) -> None:
    authority, stranger = trustme.CA(), trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    ours = authority.issue_cert("motcua.example")
    ours.private_key_pem.write_to_path(tmp_path / "key.pem")
    ours.cert_chain_pems[0].write_to_path(tmp_path / "cert.pem")
    trusted = {"npd_ca_file": tmp_path / "ca.pem"}
    client = {"npd_client_cert": tmp_path / "cert.pem", "npd_client_key": tmp_path / "key.pem"}
    for issuer, name, accepted in [
        (authority, "127.0.0.1", True),
        (authority, "other.example", False),
        (stranger, "127.0.0.1", False),
    ]:
        tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        issuer.issue_cert(name).configure_cert(tls)
        authority.configure_trust(tls)
        tls.verify_mode = ssl.CERT_REQUIRED
        async with register(answering, tls) as url:
            if accepted:
                assert await ask(url, **trusted, **client) == b"ok"
                with pytest.raises(PopulationDatabaseError):
                    await ask(url, **trusted)
            else:
                with pytest.raises(PopulationDatabaseError):
                    await ask(url, **trusted, **client)


@pytest.mark.parametrize("names", [("npd_ca_file",), ("npd_client_cert", "npd_client_key")])
async def test_certificate_files_that_cannot_be_used_stop_the_start(
    tmp_path: Path, names: tuple[str, ...]
) -> None:
    (tmp_path / "file.pem").write_text("no certificate")
    with pytest.raises(TlsFileError, match=names[0].upper()):
        await ask("https://127.0.0.1:9/x", **dict.fromkeys(names, tmp_path / "file.pem"))
