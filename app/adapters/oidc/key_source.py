"""Fetches the keys of an OpenID Connect issuer: from its own host, bounded in time and size, no detours."""

import json
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import aiohttp

from app.adapters.names import NameResolver
from app.domain.issuer_keys import IssuerUnreachableError

_TIMEOUT: Final = aiohttp.ClientTimeout(total=5.0, connect=2.0)
_MAX_BYTES: Final = 262_144
_MAX_KEYS: Final = 100
_OK: Final = 200
_DISCOVERY: Final = "/.well-known/openid-configuration"


class HttpIssuerKeySource:
    """Implements `app.domain.issuer_keys.IssuerKeySource`."""

    def __init__(self, session: aiohttp.ClientSession, *, issuer: str, jwks_url: str | None) -> None:
        self._session = session
        self._issuer = issuer
        self._jwks_url = jwks_url

    async def fetch(self) -> list[Any]:
        """Return the issuer's keys."""
        keys = (await self._document(self._jwks_url or await self._discovered())).get("keys")
        if not isinstance(keys, list) or len(keys) > _MAX_KEYS:
            raise IssuerUnreachableError("what the issuer gave is not a set of keys, or one of too many")
        return keys

    async def _discovered(self) -> str:
        document = await self._document(self._issuer.rstrip("/") + _DISCOVERY)
        url = document.get("jwks_uri")
        if document.get("issuer") != self._issuer or not isinstance(url, str):
            raise IssuerUnreachableError("the issuer's description is another's")
        if not _is_of_same_host(url, self._issuer):
            # Hosts that we ask come from the settings: OIDC_JWKS_URL names another one.
            raise IssuerUnreachableError("the issuer's keys are at another host")
        return url

    async def _document(self, url: str) -> dict[str, Any]:
        try:
            async with self._session.get(url, allow_redirects=False) as answer:
                if answer.status != _OK or "content-encoding" in answer.headers:
                    raise IssuerUnreachableError("the issuer answered something else")
                body = await _bounded(answer)
            document = json.loads(body)
        except (TimeoutError, aiohttp.ClientError, OSError) as exc:
            raise IssuerUnreachableError("the issuer cannot be reached") from exc
        except (ValueError, RecursionError):
            raise IssuerUnreachableError("the issuer's answer is not JSON") from None
        if not isinstance(document, dict):
            raise IssuerUnreachableError("the issuer's answer is no object")
        return document


async def _bounded(answer: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for piece in answer.content.iter_any():
        body += piece
        if len(body) > _MAX_BYTES:
            raise IssuerUnreachableError("the issuer's answer is too large")
    return bytes(body)


def _is_of_same_host(url: str, issuer: str) -> bool:
    own = urlsplit(issuer)
    try:
        parts = urlsplit(url)
        found = (parts.scheme, parts.hostname, parts.port)
    except ValueError:
        return False
    return found == (own.scheme, own.hostname, own.port)


@asynccontextmanager
async def open_issuer_key_source(
    *, issuer: str, jwks_url: str | None, ca_file: Path | None
) -> AsyncIterator[HttpIssuerKeySource]:
    """Give the source with its connections."""
    tls = ssl.create_default_context(cafile=ca_file)
    tls.minimum_version = ssl.TLSVersion.TLSv1_2
    async with aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(ssl=tls, limit=2, resolver=NameResolver()),
        timeout=_TIMEOUT,
        cookie_jar=aiohttp.DummyCookieJar(),
        trust_env=False,
        auto_decompress=False,
        headers={"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "motcua-dancu"},
    ) as session:
        yield HttpIssuerKeySource(session, issuer=issuer, jwks_url=jwks_url)
