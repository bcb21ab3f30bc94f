"""Builds the service: the only place where its objects are made and connected."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from fastapi import FastAPI

from app.adapters.population.factory import open_population_database
from app.adapters.population.port import PopulationDatabase
from app.db.engine import Database
from app.domain.holidays_vn import vietnamese_calendar
from app.keys import Keys, Sealer
from app.routers import audit, auth, cases, health, me, procedures, verify
from app.services.audit_log import AuditLog
from app.services.audit_reader import AuditReader
from app.services.cases import Cases
from app.services.directory import Directory
from app.services.health import Health
from app.services.logins import Logins
from app.services.lookup_policy import LookupPolicy
from app.services.lookups import Lookups
from app.services.tokens import Tokens
from app.settings import Settings, load_settings

Clock = Callable[[], datetime]

# The sweep leaves a lookup alone for this long beyond the longest time that the register may take, so that
# a slow answer is not taken for an abandoned one.
_SWEEP_GRACE_SECONDS = 10.0

_YEARS_BACK, _YEARS_AHEAD = 5, 10


def utc_now() -> datetime:
    """Tell the time; tests pass their own clock instead."""
    return datetime.now(UTC)
