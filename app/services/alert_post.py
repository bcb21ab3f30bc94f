"""Posts alerts to the operator's receiver, signed as webhooks are. What cannot be posted is in the log."""

import asyncio
import json
from collections import deque
from contextlib import suppress
from datetime import timedelta
from typing import Final
from uuid import uuid4

import structlog

from app.alerts import Alert, Details
from app.clock import Clock
from app.domain.webhook import Delivery, WebhookSender, pause_after, signed_delivery
from app.domain.working_time import VIETNAM_TIME
from app.pauses import pause

log = structlog.get_logger(__name__)

_MOST_WAITING: Final = 1_000
_MOST_TRIES: Final = 8
_LAST_SECONDS: Final = 10.0
"""For all that waits when the service ends."""


class AlertPost:
    """A listener of alerts that posts them in their order, each tried for some minutes."""

    def __init__(self, *, sender: WebhookSender, url: str, secret: bytes, clock: Clock) -> None:
        self._sender = sender
        self._url = url
        self._secret = secret
        self._clock = clock
        self._waiting: deque[tuple[str, bytes]] = deque(maxlen=_MOST_WAITING)
        self._wake = asyncio.Event()

    def take(self, alert: Alert, details: Details) -> None:
        """Take an alert to be posted."""
        at = self._clock().astimezone(VIETNAM_TIME).isoformat()
        known = {name: value for name, value in details.items() if value is not None}
        message = {"type": f"alert.{alert.value}", "timestamp": at, "data": {"alert": alert.value, **known}}
        self._waiting.append((str(uuid4()), json.dumps(message, separators=(",", ":")).encode()))
        self._wake.set()

    async def run(self, *, stopping: asyncio.Event) -> None:
        """Post what waits until `stopping`; what waits then is tried once more, as far as the time allows."""
        while not stopping.is_set():
            await _either(self._wake, stopping)
            self._wake.clear()
            while self._waiting and not stopping.is_set():
                message_id, body = self._waiting.popleft()
                await self._post(message_id, body, stopping)
        with suppress(TimeoutError):
            async with asyncio.timeout(_LAST_SECONDS):
                while self._waiting:
                    message_id, body = self._waiting[0]
                    await self._post(message_id, body, stopping)
                    self._waiting.popleft()
        if self._waiting:
            log.warning("alerts-not-posted", waiting=len(self._waiting))

    async def _post(self, message_id: str, body: bytes, stopping: asyncio.Event) -> None:
        for tries in range(1, _MOST_TRIES + 1):
            failure = await self._sender.send(self._delivery(message_id, body))
            if failure is None:
                return
            log.warning("alert-not-posted", failure=failure.code, status=failure.status, tries=tries)
            if stopping.is_set() or tries == _MOST_TRIES:
                return
            await pause(pause_after(tries) / timedelta(seconds=1), stopping=stopping)

    def _delivery(self, message_id: str, body: bytes) -> Delivery:
        return signed_delivery(
            message_id=message_id, url=self._url, secret=self._secret, body=body, now=self._clock()
        )


async def _either(first: asyncio.Event, second: asyncio.Event) -> None:
    waiting = [asyncio.create_task(event.wait()) for event in (first, second)]
    await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    for task in waiting:
        task.cancel()
