"""A log that takes events, over each database."""

from collections.abc import AsyncIterator

import pytest

from app.db.engine import Database
from app.keys.sealing import Sealer
from app.services.audit_log import AuditLog
from tests.unit.audit.events import running_log


@pytest.fixture
async def log(database: Database, sealer: Sealer) -> AsyncIterator[AuditLog]:
    async with running_log(database, sealer) as log:
        yield log
