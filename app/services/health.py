"""Whether the service can do its work."""

from app.db.audit import log_size
from app.db.engine import Database
from app.errors import ServiceUnavailableError
from app.services.audit_log import AuditLog


class Health:
    """Looks at what every lookup needs."""

    def __init__(self, *, database: Database, audit: AuditLog) -> None:
        self._database = database
        self._audit = audit

    async def check(self) -> None:
        """Return if lookups and registrations can work.

        Raises:
            ServiceUnavailableError: the database cannot be read, or the audit log's writer does not run.
        """
        if not self._audit.is_running:
            raise ServiceUnavailableError(retry_after_seconds=5)
        async with self._database.read() as session:
            await log_size(session)
