"""The audit log as commands write it: each record names the machine's account that ran the command."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final

from app.clock import Clock
from app.db import directory
from app.db.engine import Database, Session
from app.domain.audit_event import AuditEvent, AuditKind
from app.keys.sealing import Sealer
from app.services.audit_log import AuditLog
from app.services.audit_writer import Position

_TIMEOUT_SECONDS: Final = 1.0


class OperatorAuditLog(AuditLog):
    """Appends what an operator does, by `made_by`, within the transactions that do it."""

    def __init__(self, database: Database, sealer: Sealer, clock: Clock, *, made_by: str) -> None:
        # What is appended with its own change goes past the queue.
        super().__init__(database, sealer, clock, queue_limit=1, timeout_seconds=_TIMEOUT_SECONDS)
        self.made_by = made_by

    async def append_within(self, session: Session, event: AuditEvent) -> Position:
        """Append as any log does; no officer and no network stand behind a command."""
        return await super().append_within(
            session,
            replace(
                event,
                agency=event.agency or None,
                source_address=None,
                details={**event.details, "made_by": self.made_by},
            ),
        )

    async def append_result(
        self,
        session: Session,
        result: str,
        *,
        at: datetime,
        details: Mapping[str, str | int | tuple[str, ...]],
        kind: AuditKind = AuditKind.CHANGE,
        agency: str | None = None,
    ) -> None:
        """Append what a command came to; call it last, as `append_within`.

        Without an `agency` it concerns everybody: auditors of the root agency see it.

        Raises:
            ServiceUnavailableError, AuditUnavailableError: it is not on record.
        """
        event = AuditEvent(
            kind=kind,
            at=at,
            officer=None,
            agency=agency or (await directory.agency_tree(session)).root_code,
            client=None,
            source_address=None,
            result=result,
            details=details,
        )
        await self.append_within(session, event)
