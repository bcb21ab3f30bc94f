"""Webhooks: what is sent of a change, how it is signed, and when a failed delivery is tried again.

Signed as Standard Webhooks (https://www.standardwebhooks.com) says, so that receivers can use its libraries.
"""

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Protocol
from uuid import UUID

from app.domain.case_change import FeedItem
from app.domain.working_time import VIETNAM_TIME

SECRET_BYTES: Final = 32
_SECRET_PREFIX: Final = "whsec_"  # noqa: S105 - the form of a secret, not one

_PAUSES: Final = tuple(
    timedelta(seconds=seconds) for seconds in (1, 2, 5, 10, 30, 60, 120, 300, 600, 1_200, 1_800)
)
PATIENCE: Final = 60
"""Tries of one change before it is given up: a little more than a day with the pauses between them."""

PATIENCE_WHEN_REFUSED: Final = 5
"""Tries of a change that the receiver says it will not take; the others must not wait for it for long."""

# Receivers' ways to say "not now": anything else from 400 to 499 is a refusal.
_NOT_NOW: Final = frozenset({408, 409, 425, 429})
_REFUSALS: Final = range(400, 500)


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message to a webhook: where to, its headers and its body."""

    url: str
    headers: dict[str, str] = field(repr=False)
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class DeliveryFailure:
    """Why a delivery failed: a code of ours, and the status if there was one."""

    code: str
    status: int | None = None

    @property
    def is_refusal(self) -> bool:
        """Whether the receiver will not take this change, rather than not now."""
        return self.status in _REFUSALS and self.status not in _NOT_NOW


class WebhookSender(Protocol):
    """The way to webhooks."""

    async def send(self, delivery: Delivery) -> DeliveryFailure | None:
        """Deliver once; None when the receiver took it. Raises nothing."""
        ...

    def is_allowed(self, url: str) -> bool:
        """Tell whether this deployment may send to the address at all."""
        ...


def written_secret(secret: bytes) -> str:
    """Write a secret as receivers' libraries take it."""
    return _SECRET_PREFIX + base64.b64encode(secret).decode()


def delivery_of(item: FeedItem, *, webhook_id: UUID, url: str, secret: bytes, now: datetime) -> Delivery:
    """Write the message of a change. Its id is the same in every try, for a receiver to know it again."""
    message_id = f"{webhook_id}-{item.sequence}"
    at = item.at.astimezone(VIETNAM_TIME).isoformat()
    change = {
        "sequence": item.sequence,
        "receipt_number": item.receipt_number,
        "change": item.kind.value,
        "status": item.status.value,
        "at": at,
    }
    message = {"type": f"case.{item.kind.value}", "timestamp": at, "data": change}
    body = json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode()
    return signed_delivery(message_id=message_id, url=url, secret=secret, body=body, now=now)


def signed_delivery(*, message_id: str, url: str, secret: bytes, body: bytes, now: datetime) -> Delivery:
    """Sign a message, once for each try, with the time of the try."""
    timestamp = str(int(now.timestamp()))
    signed = b".".join((message_id.encode(), timestamp.encode(), body))
    signature = base64.b64encode(hmac.digest(secret, signed, hashlib.sha256)).decode()
    headers = {
        "Content-Type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": f"v1,{signature}",
    }
    return Delivery(url, headers, body)


def pause_after(failures: int) -> timedelta:
    """Give the pause after so many failed tries of one change, the first counted as 1."""
    return _PAUSES[min(failures, len(_PAUSES)) - 1]


def is_given_up(failure: DeliveryFailure, failures: int) -> bool:
    """Tell whether a change that failed so many times is given up."""
    return failures >= (PATIENCE_WHEN_REFUSED if failure.is_refusal else PATIENCE)
