"""The audit log as commands write it: each change names the machine's account that made it."""

from dataclasses import replace
from typing import Final

from app.clock import Clock
from app.db.engine import Database, Session
from app.domain.audit_event import AuditEvent
from app.keys.sealing import Sealer
from app.services.audit_log import AuditLog
from app.services.audit_writer import Position

_TIMEOUT_SECONDS: Final = 1.0


class OperatorAuditLog(AuditLog):
    """Appends an operator's changes, by `made_by`, within the transactions that make them."""

    def __init__(self, database: Database, sealer: Sealer, clock: Clock, *, made_by: str) -> None:
        # What is appended with its own change goes past the queue.
        super().__init__(database, sealer, clock, queue_limit=1, timeout_seconds=_TIMEOUT_SECONDS)
        self._made_by = made_by

    async def append_within(self, session: Session, event: AuditEvent) -> Position:
        """Append as any log does; no officer and no network stand behind a command."""
        return await super().append_within(
            session,
            replace(
                event,
                agency=event.agency or None,
                source_address=None,
                details={**event.details, "made_by": self._made_by},
            ),
        )
