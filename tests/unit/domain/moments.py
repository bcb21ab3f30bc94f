"""Moments as tests of the domain write them."""

from datetime import datetime

from app.domain.working_time import VIETNAM_TIME


def at(text: str) -> datetime:
    """Read a moment of Vietnam time, as `2026-11-23 09:00`."""
    return datetime.fromisoformat(text).replace(tzinfo=VIETNAM_TIME)
