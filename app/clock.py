"""The clock that everything which asks for the time is given."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""Tells the present time, with its offset."""


def utc_now() -> datetime:
    """Tell the time; tests pass their own clock instead."""
    return datetime.now(UTC)
