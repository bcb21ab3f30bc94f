"""Changes the key that signs checkpoints. The log itself says so first, under the old key's signature."""

from typing import Final

from app.clock import Clock
from app.db.engine import Database
from app.domain.checkpoint import verifier_key
from app.keys.log_keys import LogKeys
from app.services.checkpoints import Checkpoints
from app.services.operator_audit import OperatorAuditLog

ROTATED: Final = "log-key-rotated"


async def rotated_log_keys(
    log_keys: LogKeys,
    *,
    origin: str,
    database: Database,
    audit: OperatorAuditLog,
    checkpoints: Checkpoints,
    clock: Clock,
) -> LogKeys:
    """Make a new signing key, put it on record with the old one, and let the old one sign that record.

    Whoever trusts the old key can follow to the new one. The caller keeps the answer: until then the old key
    is in force.

    Raises:
        ServiceUnavailableError, CheckpointRefusedError, OSError: as for `Checkpoints.make`; nothing changes.
    """
    rotated = log_keys.rotated()
    new_key, old_key = (verifier_key(origin, key) for key in rotated.public_keys[:2])
    async with database.write() as session:
        await audit.append_result(
            session, ROTATED, at=clock(), details={"old_key": old_key, "new_key": new_key}
        )
    await checkpoints.make()
    return rotated
