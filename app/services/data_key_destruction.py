"""Destroys data keys of the audit log: the numbers sealed under them can never be read again.

Tree, proofs and verification do not change, for they are about the sealed bytes.
"""

from typing import Final

from app.clock import Clock
from app.db import audit_data_keys as rows
from app.db.engine import Database
from app.services.audit_data_keys import month_of
from app.services.operator_audit import OperatorAuditLog

DESTROYED: Final = "data-keys-destroyed"
_FIRST_MONTH: Final = "0000-00"


class DestructionRefusedError(Exception):
    """It may not be; the text says why."""


async def destroy_data_keys(
    *,
    agency: str | None,
    month: str,
    and_before: bool,
    database: Database,
    audit: OperatorAuditLog,
    clock: Clock,
) -> int:
    """Destroy the keys of a month, or of that and all earlier ones, and put it on record; return how many.

    Args:
        agency: Its code; None for all agencies.
        month: YYYY-MM, in Vietnam; one that has ended.
        and_before: Whether the keys of all earlier months go too.
        database: The log's, as the tables' owner.
        audit: The log, which names who does it.
        clock: Tells the time.

    Raises:
        DestructionRefusedError: the month has not ended, or this role may destroy nothing.
        ServiceUnavailableError: nothing was destroyed.
    """
    now = clock()
    if month >= month_of(now):
        raise DestructionRefusedError(f"{month} has not ended, and its key is needed")
    async with database.write() as session:
        if not await rows.may_destroy(session):
            raise DestructionRefusedError("this role may only append to the log: run it as the tables' owner")
        since = _FIRST_MONTH if and_before else month
        destroyed = await rows.destroy(session, agency=agency, since=since, until=month, at=now)
        if destroyed:
            await audit.append_result(
                session,
                DESTROYED,
                at=now,
                agency=agency,
                details={
                    "month": month,
                    "and_before": str(and_before).lower(),
                    "of": agency or "all",
                    "keys": destroyed,
                },
            )
    return destroyed
