"""Changes the key that signs access tokens. The audit log says so first."""

from typing import Final

from app.clock import Clock
from app.db.engine import Database
from app.keys.token_keys import TokenKeys
from app.services.operator_audit import OperatorAuditLog

ROTATED: Final = "token-key-rotated"
REPLACED: Final = "token-keys-replaced"


async def rotated_token_keys(
    keys: TokenKeys,
    *,
    ends_sessions: bool,
    database: Database,
    audit: OperatorAuditLog,
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
        await audit.append_result(
            session,
            REPLACED if ends_sessions else ROTATED,
            at=now,
            details={
                "new_key": rotated.keys[-1].jwk["kid"],
                "accepted_keys": tuple(key.jwk["kid"] for key in rotated.keys),
            },
        )
    return rotated
