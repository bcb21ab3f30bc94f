"""Changes the key that signs checkpoints. The log itself says so first, under the old key's signature."""

from typing import Final

from app.clock import Clock
from app.db import directory
from app.db.engine import Database
from app.domain.audit_event import AuditEvent, AuditKind
from app.domain.checkpoint import verifier_key
from app.keys.log_keys import LogKeys
from app.services.audit_log import AuditLog
from app.services.checkpoints import Checkpoints

ROTATED: Final = "log-key-rotated"


async def rotated_log_keys(
    log_keys: LogKeys,
    *,
    origin: str,
    database: Database,
    audit: AuditLog,
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
        event = AuditEvent(
            kind=AuditKind.CHANGE,
            at=clock(),
            officer=None,
            # The record concerns everybody: auditors of the root agency see it.
            agency=(await directory.agency_tree(session)).root_code,
            client=None,
            source_address=None,
            result=ROTATED,
            details={"old_key": old_key, "new_key": new_key},
        )
        await audit.append_within(session, event)
    await checkpoints.make()
    return rotated
