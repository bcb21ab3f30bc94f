"""A proxy before PostgreSQL that loses the answer to a COMMIT: the client cannot know whether it was done."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from sqlalchemy.engine import make_url

_CHUNK = 65536
# With the end of the statement, which tells it from BEGIN ... READ COMMITTED.
_COMMIT = b"COMMIT\x00"


class CuttingProxy:
    """Forwards everything; `cuts_left` times it waits for the answer to a COMMIT and hangs up instead."""

    def __init__(self, server_url: str) -> None:
        url = make_url(server_url)
        host = url.query.get("host") or url.host or "127.0.0.1"
        self._host = host if isinstance(host, str) else host[0]
        self._port = url.port or 5432
        self.cuts_left = 0

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self._host.startswith("/"):
            return await asyncio.open_unix_connection(f"{self._host}/.s.PGSQL.{self._port}")
        return await asyncio.open_connection(self._host, self._port)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        to_read, to_write = await self._connect()
        answers = asyncio.create_task(self._forward(to_read, writer))
        try:
            while sent := await reader.read(_CHUNK):
                is_cut = self.cuts_left > 0 and _COMMIT in sent
                if is_cut:
                    self.cuts_left -= 1
                    answers.cancel()
                    await asyncio.wait({answers})
                to_write.write(sent)
                if is_cut:
                    await to_read.read(_CHUNK)
                    return
        finally:
            answers.cancel()
            await asyncio.wait({answers})
            for end in (writer, to_write):
                end.close()

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while answer := await reader.read(_CHUNK):
            writer.write(answer)


@asynccontextmanager
async def cutting_proxy(server_url: str, folder: Path) -> AsyncIterator[tuple[CuttingProxy, str]]:
    """Give the proxy and the URL of the same database through it."""
    proxy = CuttingProxy(server_url)
    server = await asyncio.start_unix_server(proxy.serve, folder / ".s.PGSQL.5432")
    url = make_url(server_url).set(host=None, port=None, query={"host": str(folder)})
    async with server:
        yield proxy, url.render_as_string(hide_password=False)
