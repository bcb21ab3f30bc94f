"""Connects what signs the audit log with where its checkpoints are anchored."""

from functools import partial

from app.alerts import Alerts
from app.clock import Clock
from app.db.engine import Database
from app.keys.key_file import Keys
from app.services.checkpoint_anchor import CheckpointAnchor
from app.services.checkpoint_patience import CheckpointPatience
from app.services.checkpoints import Checkpoints
from app.services.metrics import Metrics
from app.settings.settings import Settings


def make_checkpoints(
    settings: Settings, keys: Keys, database: Database, figures: Metrics, *, alerts: Alerts, clock: Clock
) -> tuple[Checkpoints, CheckpointPatience]:
    """Build what signs the audit log, and what hears how that goes."""
    patience = CheckpointPatience(
        limit_seconds=settings.audit_checkpoint_patience_seconds, figures=figures, alerts=alerts
    )
    made = Checkpoints(
        database=database,
        log_keys=keys.log_keys,
        origin=settings.origin,
        anchor_of=partial(anchor_of, settings),
        patience=patience,
        clock=clock,
    )
    return made, patience


def anchor_of(settings: Settings, first_leaf: bytes | None) -> CheckpointAnchor | None:
    """Give the log's anchor; in the sandbox, where databases come and go, each log has its own."""
    if settings.audit_anchor_directory is not None:
        return CheckpointAnchor(settings.audit_anchor_directory)
    if first_leaf is None:
        return None
    return CheckpointAnchor(settings.key_file.parent / "checkpoints" / first_leaf.hex()[:16])
