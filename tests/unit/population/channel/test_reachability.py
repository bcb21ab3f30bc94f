"""What the doctor sees of the way to the register, over real sockets."""

import asyncio
import socket
import ssl
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme

from app.adapters.population.channel.reachability import UnreachableError, certificate_end
from app.settings import Settings
from tests.unit.population.channel.channels import DIRECT
from tests.unit.population.channel.test_sockets import answering, register

pytestmark = pytest.mark.anyio


async def end_of(url: str, ca_file: Path | None = None) -> datetime | None:
    settings = Settings.model_validate(DIRECT | {"npd_url": url, "npd_ca_file": ca_file})
    return await asyncio.to_thread(certificate_end, settings, url)


async def test_a_plain_address_has_no_certificate() -> None:
    async with register(answering) as url:
        assert await end_of(url) is None


async def test_a_trusted_certificate_tells_its_end_and_another_is_not_trusted(tmp_path: Path) -> None:
    authority, expires = trustme.CA(), datetime.now(UTC) + timedelta(days=30)
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1", not_after=expires).configure_cert(tls)
    async with register(answering, tls) as url:
        end = await end_of(url, tmp_path / "ca.pem")
        assert end is not None
        assert abs(end - expires) <= timedelta(seconds=1)
        with pytest.raises(UnreachableError, match="not trusted"):
            await end_of(url)
        (tmp_path / "none.pem").write_text("no certificate")
        with pytest.raises(UnreachableError):
            await end_of(url, tmp_path / "none.pem")


async def test_nobody_and_somebody_who_speaks_no_tls_are_told_apart() -> None:
    gone = asyncio.Event()

    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            await reader.read()
        with suppress(ConnectionError):
            writer.close()
            await writer.wait_closed()
        gone.set()

    server = await asyncio.start_server(refuse, "127.0.0.1", 0)
    async with server:
        with pytest.raises(UnreachableError, match="TLS failed"):
            await end_of(f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}/")
        await asyncio.wait_for(gone.wait(), timeout=5)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        with pytest.raises(UnreachableError, match="no connection"):
            await end_of(f"http://127.0.0.1:{probe.getsockname()[1]}/")
