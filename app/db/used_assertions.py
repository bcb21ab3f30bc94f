"""Which assertions of front ends were used already. No business rule, no transaction of its own."""

from datetime import datetime

from sqlalchemy import delete

from app.db.conflicts import insert_for
from app.db.engine import Session
from app.db.tables import UsedAssertion


async def use(session: Session, ref: bytes, *, expires_at: datetime) -> bool:
    """Note that an assertion is used; False if it was used before, by whomever and however near in time."""
    insert = insert_for(session, UsedAssertion).values(ref=ref, expires_at=expires_at)
    noted = await session.scalar(insert.on_conflict_do_nothing().returning(UsedAssertion.expires_at))
    return noted is not None


async def forget(session: Session, *, before: datetime) -> None:
    """Forget the assertions that expired before a moment."""
    await session.execute(delete(UsedAssertion).where(UsedAssertion.expires_at < before))
