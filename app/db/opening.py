"""Opens the database that the settings name, for as long as something is done with it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from app.db.engine import Database
from app.errors import DomainError
from app.settings.settings import Settings


def reason_of(failure: DomainError) -> str:
    """Tell an operator why the database did not do it: the driver's first line, which has no value in it."""
    cause = failure.__cause__
    return next(iter(str(getattr(cause, "orig", None) or cause or failure).splitlines()), failure.code)


@asynccontextmanager
async def opened_database(settings: Settings, *, pool_size: int = 4) -> AsyncIterator[Database]:
    """Give the database; its connections are closed at the end, however it comes."""
    database = Database(settings.database_url, pool_size=pool_size, pooler=settings.database_pooler)
    try:
        yield database
    finally:
        await database.close()
