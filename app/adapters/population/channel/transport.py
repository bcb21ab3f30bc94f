"""Sends one question over HTTP and takes its answer: bounded in size, in silence and in connecting.

httpx over aiohttp's connections: with httpx's own transport a call costs several times as much
(`benchmarks/population_transport.py`).
"""

import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Final

import aiohttp
import httpx
from httpx_aiohttp import AiohttpTransport

from app.adapters.population.channel.failures import CallFailedError, translated_failures
from app.adapters.population.channel.retry_budget import RetryBudget
from app.adapters.population.channel.unpacking import ACCEPTED_ENCODINGS, BodyCollector, UnusableBodyError
from app.npd_settings import NpdSettings

KEEP_ALIVE_SECONDS: Final = 3.0
"""How long an idle connection is kept: less than servers do, whose shortest usual time is five seconds.

A question sent on a connection that the server is just closing is lost, and cannot be sent again.
"""

_OK: Final = 200


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer. `retry_after` is that header, or empty; a failure's body may have been too long to keep."""

    status: int
    retry_after: str
    body: bytes = field(repr=False)


class Transport:
    """Posts questions; raises CallFailedError only."""

    def __init__(self, client: httpx.AsyncClient, *, max_answer_bytes: int, retries: RetryBudget) -> None:
        self._client = client
        self._max_answer_bytes = max_answer_bytes
        self._retries = retries

    async def post(self, url: str, *, headers: Mapping[str, str], body: bytes) -> Reply:
        """Post once, or once more if nothing can have been sent and the budget allows.

        Raises:
            CallFailedError: no whole answer came, or one that is too large or cannot be unpacked.
        """
        self._retries.note_call()
        try:
            return await self._post(url, headers, body)
        except CallFailedError as failed:
            if not (failed.is_unsent and self._retries.take()):
                raise
        return await self._post(url, headers, body)

    async def _post(self, url: str, headers: Mapping[str, str], body: bytes) -> Reply:
        with translated_failures():
            async with self._client.stream("POST", _parsed(url), headers=headers, content=body) as response:
                retry_after = response.headers.get("retry-after", "")
                try:
                    answer = await self._body(response)
                except UnusableBodyError as exc:
                    if response.status_code == _OK:
                        raise CallFailedError(status=_OK) from exc
                    # The status says enough.
                    answer = b""
        return Reply(response.status_code, retry_after, answer)

    async def _body(self, response: httpx.Response) -> bytes:
        encoding = response.headers.get("content-encoding", "")
        collector = BodyCollector(encoding=encoding, limit=self._max_answer_bytes)
        async for piece in response.aiter_raw():
            collector.add(piece)
        return collector.whole()


@lru_cache(maxsize=16)
def _parsed(url: str) -> httpx.URL:
    """Parse an address once: the settings name a handful."""
    return httpx.URL(url)


@asynccontextmanager
async def open_transport(settings: NpdSettings, tls: ssl.SSLContext) -> AsyncIterator[Transport]:
    """Give the transport with its pool of connections."""
    session = aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(
            ssl=tls,
            # One beside the calls, for the access token.
            limit=settings.npd_max_in_flight + 1,
            keepalive_timeout=KEEP_ALIVE_SECONDS,
        ),
        cookie_jar=aiohttp.DummyCookieJar(),
        trust_env=False,
    )
    connect_seconds = settings.npd_connect_timeout_seconds
    async with httpx.AsyncClient(
        transport=AiohttpTransport(verify=tls, trust_env=False, client=session),
        # What httpx calls the pool's time is aiohttp's for a connection as a whole, name look-up included.
        timeout=httpx.Timeout(
            connect=connect_seconds,
            pool=connect_seconds,
            read=settings.npd_read_timeout_seconds,
            write=None,
        ),
        headers={"Accept-Encoding": ACCEPTED_ENCODINGS, "User-Agent": "motcua-dancu"},
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
        follow_redirects=False,
        trust_env=False,
    ) as client:
        yield Transport(client, max_answer_bytes=settings.npd_max_answer_bytes, retries=RetryBudget())
