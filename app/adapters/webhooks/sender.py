"""Sends one message to a webhook: to allowed addresses only, bounded in time, following nobody elsewhere.

The address that is checked is the one that is connected to: a name that resolves anew between the two would
otherwise lead into our own network.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

import aiohttp

from app.adapters.names import NameResolver
from app.adapters.webhooks.allowed import AllowedTargets
from app.domain.webhook import Delivery, DeliveryFailure

_SECONDS: Final = 10.0
_OK: Final = range(200, 300)


class HttpWebhookSender:
    """Sends over HTTP; implements `app.domain.webhook.WebhookSender`."""

    def __init__(self, session: aiohttp.ClientSession, allowed: AllowedTargets) -> None:
        self._session = session
        self._allowed = allowed

    def is_allowed(self, url: str) -> bool:
        """Tell whether this deployment may send to the address at all."""
        return self._allowed.has_url(url)

    async def send(self, delivery: Delivery) -> DeliveryFailure | None:
        """Deliver once; None when the receiver took it. What it answers is not read."""
        if not self._may_connect(delivery.url):
            return DeliveryFailure("not-allowed")
        try:
            async with self._session.post(
                delivery.url, data=delivery.body, headers=delivery.headers, allow_redirects=False
            ) as answer:
                status = answer.status
        except TimeoutError:
            return DeliveryFailure("timeout")
        except (aiohttp.ClientError, OSError, ValueError):
            return DeliveryFailure("unreachable")
        return None if status in _OK else DeliveryFailure("answered", status)

    def _may_connect(self, url: str) -> bool:
        if not self._allowed.has_url(url):
            return False
        host = urlsplit(url).hostname or ""
        try:
            ip_address(host)
        except ValueError:
            # A name: the resolver sees to it.
            return True
        return self._allowed.has_address(host)


@asynccontextmanager
async def open_webhook_sender(
    allowed: AllowedTargets, *, seconds: float = _SECONDS
) -> AsyncIterator[HttpWebhookSender]:
    """Give the sender with its connections; a delivery may take so many seconds."""
    async with aiohttp.ClientSession(
        # A delivery's time holds its wait for a connection, which slow receivers must not use up for others.
        # There are no more at once than webhooks, whose number is bounded.
        connector=aiohttp.TCPConnector(
            resolver=NameResolver(allowed.has_address), use_dns_cache=False, limit=0
        ),
        timeout=aiohttp.ClientTimeout(total=seconds),
        cookie_jar=aiohttp.DummyCookieJar(),
        trust_env=False,
        headers={"User-Agent": "motcua-dancu"},
    ) as session:
        yield HttpWebhookSender(session, allowed)
