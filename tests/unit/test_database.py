import pytest
from sqlalchemy import select

from app.db.engine import Database
from app.db.tables import AuditHead

pytestmark = pytest.mark.anyio


async def test_a_migrated_database_has_an_empty_audit_log(database: Database) -> None:
    async with database.read() as session:
        head = (await session.scalars(select(AuditHead))).one()
    assert (head.id, head.size, head.unclosed_from) == (1, 0, 0)
