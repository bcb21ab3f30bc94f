"""Alerts (cảnh báo): what somebody has to look at. Each is a log event, and told to whoever listens.

An alert names codes, accounts and ids; never a person's name, number or birth date.
"""

import time
from collections.abc import Callable
from enum import StrEnum
from typing import Final

import structlog

log = structlog.get_logger(__name__)

# The same alert about the same one is told once in this time: a flood must not hide the next alert.
_QUIET_SECONDS: Final = 60.0
_MOST_REMEMBERED: Final = 10_000


class Alert(StrEnum):
    """What happened; docs/budgets-and-alerts.md says what to do at each."""

    ACCOUNT_LOCKED = "account-locked"
    ASSERTION_REPLAYED = "assertion-replayed"
    AUDIT_TREE_BROKEN = "audit-tree-broken"
    AUDIT_UNAVAILABLE = "audit-unavailable"
    CHECKPOINT_REFUSED = "checkpoint-refused"
    DECOY_NUMBER = "decoy-number"
    LOOKUP_BUDGET_EXCEEDED = "lookup-budget-exceeded"
    LOGIN_SOURCE_STOPPED = "login-source-stopped"
    NEIGHBOURING_NUMBERS = "neighbouring-numbers"
    POPULATION_CREDENTIALS_REFUSED = "population-credentials-refused"
    POPULATION_DATABASE_MISMATCH = "population-database-mismatch"


Details = dict[str, str | int | None]
Listener = Callable[[Alert, Details], None]


class Alerts:
    """Where alerts are raised. A listener must neither block nor fail."""

    def __init__(self, *listeners: Listener, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._listeners = listeners
        self._monotonic = monotonic
        self._told: dict[tuple[Alert, str | None], float] = {}

    def tell(self, alert: Alert, *, about: str | None = None, **details: str | int | None) -> None:
        """Raise an alert, unless the same one `about` the same account or thing was just raised."""
        now, key = self._monotonic(), (alert, about)
        if now - self._told.get(key, float("-inf")) < _QUIET_SECONDS:
            return
        self._told.pop(key, None)
        self._told[key] = now
        if len(self._told) > _MOST_REMEMBERED:
            del self._told[next(iter(self._told))]
        log.error("alert", alert=alert.value, about=about, **details)
        for listener in self._listeners:
            listener(alert, {"about": about, **details})
