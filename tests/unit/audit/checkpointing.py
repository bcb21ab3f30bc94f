"""Checkpoints of a log, and what may be done to that log behind the service's back."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from sqlalchemy import select

from app.alerts import Alerts
from app.db.audit_tables import AuditCheckpoint
from app.db.engine import Database
from app.keys.log_keys import LogKeys
from app.services.checkpoint_anchor import CheckpointAnchor
from app.services.checkpoint_patience import CheckpointPatience
from app.services.checkpoints import Checkpoints
from app.services.metrics import Metrics
from tests.conftest import NOON

ORIGIN = "motcua.example/audit"
KEYS = LogKeys.generate()
FOUR_HOURS = 4 * 3600.0


@dataclass
class Notary:
    """One process that makes checkpoints, with its anchor and clocks that stand still."""

    database: Database
    folder: Path
    keys: LogKeys = KEYS
    origin: str = ORIGIN
    now: datetime = NOON
    seconds: float = 0.0
    figures: Metrics = field(default_factory=Metrics)
    anchor: CheckpointAnchor = field(init=False)
    patience: CheckpointPatience = field(init=False)
    checkpoints: Checkpoints = field(init=False)

    def __post_init__(self) -> None:
        self.anchor = CheckpointAnchor(self.folder)
        self.patience = CheckpointPatience(
            limit_seconds=FOUR_HOURS, figures=self.figures, alerts=Alerts(), monotonic=lambda: self.seconds
        )
        self.checkpoints = Checkpoints(
            database=self.database,
            log_keys=self.keys,
            origin=self.origin,
            anchor_of=lambda _: self.anchor,
            patience=self.patience,
            clock=self._clock(),
        )

    def _clock(self) -> Callable[[], datetime]:
        return lambda: self.now

    def anchored(self) -> list[str]:
        return [one.note for one in self.anchor.as_it_is()()]


async def kept(database: Database) -> list[AuditCheckpoint]:
    async with database.read() as session:
        return list(await session.scalars(select(AuditCheckpoint).order_by(AuditCheckpoint.size)))
