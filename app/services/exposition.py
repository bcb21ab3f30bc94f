"""What `GET /metrics` tells: the figures of all processes, with those that only the database knows."""

from dataclasses import dataclass

from app.clock import Clock
from app.db.engine import Database
from app.services.metrics import Metrics


@dataclass(frozen=True, slots=True)
class Exposition:
    """Tells the figures; it never fails for the database's sake."""

    figures: Metrics
    database: Database
    clock: Clock

    async def text(self) -> bytes:
        """Give the figures in Prometheus' text format."""
        await self.figures.cases.refresh(self.database, self.clock)
        return self.figures.exposition()
