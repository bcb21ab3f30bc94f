"""What `GET /metrics` tells: the figures of all processes, with those that only the database knows."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from app.db.engine import Database
from app.services.metrics import Metrics


@dataclass(frozen=True, slots=True)
class Exposition:
    """Tells the figures; it never fails for the database's sake."""

    figures: Metrics
    database: Database
    clock: Callable[[], datetime]

    async def text(self) -> bytes:
        """Give the figures in Prometheus' text format."""
        await self.figures.cases.refresh(self.database, self.clock)
        return self.figures.exposition()
