"""Whether the service can do its work."""

import asyncio
from typing import Final

from app.adapters.population.port import PopulationDatabase, PopulationStatus
from app.db.audit import log_size
from app.db.engine import Database
from app.errors import ServiceUnavailableError
from app.services.audit_log import AuditLog
from app.services.checkpoint_patience import CheckpointPatience, State

# However often and from wherever it is asked, the database is looked at once in this time.
_GOOD_FOR_SECONDS: Final = 1.0

# A balancer gives up on an answer after a few seconds; to it, ours that comes later would be none.
_LONGEST_LOOK_SECONDS: Final = 2.0


class Health:
    """Looks at what every lookup needs."""

    def __init__(
        self,
        *,
        database: Database,
        audit: AuditLog,
        patience: CheckpointPatience,
        population: PopulationDatabase,
    ) -> None:
        self._database = database
        self._audit = audit
        self._patience = patience
        self._population = population
        self._turn = asyncio.Lock()
        self._is_readable = False
        self._good_until = float("-inf")

    @property
    def checkpoints(self) -> State:
        """How the audit log's checkpoints stand; cases are received whatever it is."""
        return self._patience.state

    async def check(self) -> PopulationStatus:
        """Return if cases can be registered and lookups recorded, and tell how the register looks.

        A register that is away is no reason to take the service out: cases are received all the same.

        Raises:
            ServiceUnavailableError: the database could not be read in time when it was last looked at, a
                second ago at most, or the audit log's writer does not run.
        """
        if not self._audit.is_running:
            raise ServiceUnavailableError(retry_after_seconds=5)
        async with self._turn:
            loop = asyncio.get_running_loop()
            if loop.time() >= self._good_until:
                self._is_readable = await self._look()
                self._good_until = loop.time() + _GOOD_FOR_SECONDS
        if not self._is_readable:
            raise ServiceUnavailableError(retry_after_seconds=2)
        return self._population.status()

    async def _look(self) -> bool:
        try:
            async with asyncio.timeout(_LONGEST_LOOK_SECONDS), self._database.read() as session:
                await log_size(session)
        except (ServiceUnavailableError, TimeoutError):
            return False
        return True
