"""Sends one question over HTTP and takes its answer: bounded in size, in silence and in connecting.

httpx's requests over aiohttp's connections, without httpx's client: its own transport makes a call several
times as dear, and the client half as dear again (`benchmarks/population_transport.py`). What the client
would bring, redirects, cookies and proxies, is what must not be.
"""

import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

import aiohttp
import httpx
from httpx_aiohttp import AiohttpTransport

from app.adapters.population.channel.eager_request import EagerRequest
from app.adapters.population.channel.failures import CallFailedError, translated_failures
from app.adapters.population.channel.retry_budget import RetryBudget
from app.adapters.population.channel.unpacking import ACCEPTED_ENCODINGS, BodyCollector, UnusableBodyError
from app.settings.npd import NpdSettings

KEEP_ALIVE_SECONDS: Final = 3.0
"""How long an idle connection is kept: less than servers do, whose shortest usual time is five seconds.

A question sent on a connection that the server is just closing is lost, and cannot be sent again.
"""

_OK: Final = 200
_HEADERS: Final = {
    "Accept": "*/*",
    "Accept-Encoding": ACCEPTED_ENCODINGS,
    "Connection": "keep-alive",
    "User-Agent": "motcua-dancu",
}


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer. `retry_after` is that header, or empty; a failure's body may have been too long to keep."""

    status: int
    retry_after: str
    body: bytes = field(repr=False)


class Transport:
    """Posts questions; raises CallFailedError only."""

    def __init__(
        self,
        http: httpx.AsyncBaseTransport,
        *,
        timeout: httpx.Timeout,
        max_answer_bytes: int,
        retries: RetryBudget,
    ) -> None:
        self._http = http
        self._extensions = {"timeout": timeout.as_dict()}
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
        request = httpx.Request(
            "POST",
            _parsed(url),
            headers={**_HEADERS, **headers},
            # As a stream: httpx would look through the headers four times for what aiohttp adds itself.
            stream=httpx.ByteStream(body),
            extensions=self._extensions,
        )
        request.read()
        with translated_failures():
            response = await self._http.handle_async_request(request)
            try:
                answer = await self._body(response)
            except UnusableBodyError as exc:
                if response.status_code == _OK:
                    raise CallFailedError(status=_OK) from exc
                # The status says enough.
                answer = b""
            finally:
                await response.aclose()
        return Reply(response.status_code, response.headers.get("retry-after", ""), answer)

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
        request_class=EagerRequest,
        cookie_jar=aiohttp.DummyCookieJar(),
        trust_env=False,
    )
    connect_seconds = settings.npd_connect_timeout_seconds
    async with AiohttpTransport(verify=tls, trust_env=False, client=session) as http:
        yield Transport(
            http,
            # What httpx calls the pool's time is aiohttp's for a whole connection, name look-up included.
            timeout=httpx.Timeout(
                connect=connect_seconds,
                pool=connect_seconds,
                read=settings.npd_read_timeout_seconds,
                write=None,
            ),
            max_answer_bytes=settings.npd_max_answer_bytes,
            retries=RetryBudget(),
        )
