"""Changes the key that signs access tokens. The audit log says so first."""

from typing import Final

from app.clock import Clock
from app.db import directory
from app.db.engine import Database
from app.domain.audit_event import AuditEvent, AuditKind
from app.keys.token_keys import TokenKeys
from app.services.audit_log import AuditLog

ROTATED: Final = "token-key-rotated"
REPLACED: Final = "token-keys-replaced"


async def rotated_token_keys(
    keys: TokenKeys,
    *,
    ends_sessions: bool,
    operator: str,
    database: Database,
    audit: AuditLog,
    clock: Clock,
) -> TokenKeys:
    """Make a new key and put it on record; the caller keeps the answer, until then nothing has changed.

    With `ends_sessions` no other key is accepted any more.

    Raises:
        ServiceUnavailableError: the record cannot be written.
    """
    now = clock()
    rotated = keys.replaced() if ends_sessions else keys.rotated(now.timestamp())
    async with database.write() as session:
        event = AuditEvent(
            kind=AuditKind.CHANGE,
            at=now,
            officer=operator,
            # The record concerns everybody: auditors of the root agency see it.
            agency=(await directory.agency_tree(session)).root_code,
            client=None,
            source_address=None,
            result=REPLACED if ends_sessions else ROTATED,
            details={
                "new_key": rotated.keys[-1].jwk["kid"],
                "accepted_keys": tuple(key.jwk["kid"] for key in rotated.keys),
            },
        )
        await audit.append_within(session, event)
    return rotated
