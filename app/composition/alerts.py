"""Connects alerts with those who hear of them: the figures, and the operator's receiver if there is one."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from ipaddress import ip_network
from typing import Final
from urllib.parse import urlsplit

from app.adapters.webhooks.allowed import AllowedTargets
from app.adapters.webhooks.sender import open_webhook_sender
from app.alerts import Alerts
from app.beside import beside
from app.clock import Clock
from app.services.alert_post import AlertPost
from app.services.lookup_watch import LookupWatch
from app.services.metrics import Metrics
from app.settings.settings import Settings

# The receiver is the operator's own, wherever it stands.
_EVERYWHERE: Final = tuple(map(ip_network, ("0.0.0.0/0", "::/0")))


@asynccontextmanager
async def open_alerts(settings: Settings, figures: Metrics, clock: Clock) -> AsyncIterator[Alerts]:
    """Give where alerts are raised; what waits to be posted in the end is tried once more."""
    url, secret = settings.alert_webhook_url, settings.alert_signing_secret
    if url is None or secret is None:
        yield Alerts(figures.alert_raised)
        return
    allowed = AllowedTargets(
        (urlsplit(str(url)).hostname or "",), _EVERYWHERE, takes_plain_http=settings.env == "sandbox"
    )
    async with open_webhook_sender(allowed) as sender:
        post = AlertPost(sender=sender, url=str(url), secret=secret, clock=clock)
        async with beside("alerts", post.run):
            yield Alerts(figures.alert_raised, post.take)


def lookup_watch(settings: Settings, alerts: Alerts) -> LookupWatch:
    """Give what watches lookups as the settings say."""
    thresholds = settings.snooping_thresholds
    return LookupWatch(
        alerts,
        decoys=settings.decoy_numbers,
        neighbours_in_a_row=thresholds.neighbours_in_a_row,
        neighbours_distance=thresholds.neighbours_distance,
    )
