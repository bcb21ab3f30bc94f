"""Connected systems (hệ thống kết nối), for administrators. Secrets are set and never read."""

from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from app.clock import Clock
from app.db import account_rows as rows
from app.db.engine import Database
from app.domain import policy
from app.domain.accounts import ClientAccount, ClientPut
from app.domain.audit_event import AuditEvent, AuditKind
from app.domain.caller import Caller
from app.domain.keyed_page import KeyedPage
from app.domain.oauth import GrantType
from app.errors import FieldFaultError, NotFoundError
from app.services.audit_log import AuditLog
from app.services.directory import Directory
from app.services.passwords import Passwords

CREATED: Final = "client-created"
REPLACED: Final = "client-replaced"


class Clients:
    """Reads and changes connected systems within an administrator's reach. None is ever removed."""

    def __init__(
        self,
        *,
        database: Database,
        directory: Directory,
        audit: AuditLog,
        passwords: Passwords,
        clock: Clock,
    ) -> None:
        self._database = database
        self._directory = directory
        self._audit = audit
        self._passwords = passwords
        self._clock = clock

    async def list_clients(
        self, caller: Caller, *, after: str | None, limit: int
    ) -> KeyedPage[ClientAccount]:
        """Return a page of the systems within the caller's reach, in the order of their ids."""
        async with self._database.read() as session:
            found = await rows.clients(session, agency_codes=caller.reach, after=after, limit=limit + 1)
        return KeyedPage.cut(found, limit, key=lambda client: client.client_id)

    async def get(self, caller: Caller, client_id: str) -> ClientAccount:
        """Return one system.

        Raises:
            NotFoundError: there is none, or it is out of the caller's reach.
        """
        async with self._database.read() as session:
            # Asked of the database: one out of reach takes as long as one that does not exist.
            found = await rows.client(session, client_id, agency_codes=caller.reach)
        if found is None:
            raise NotFoundError
        return found

    async def put(self, caller: Caller, wanted: ClientPut) -> tuple[ClientAccount, bool]:
        """Create a system or replace it; give it, and tell whether it is new.

        A new secret, and a public key that is taken away, end the tokens from before, as disabling does: who
        had taken the old ones is out within half a minute. A key that is added ends none.

        Raises:
            NotFoundError: it exists out of the caller's reach.
            FieldFaultError: the agency is unknown or out of reach, the scopes do not go together, or an
                officer has a new system's name.
            ServiceUnavailableError, AuditUnavailableError: nothing was changed, unless the connection was
                lost during the commit.
        """
        if wanted.agency_code not in caller.reach:
            raise FieldFaultError("/agency", "not-allowed")
        if _mixes_scopes(wanted):
            raise FieldFaultError("/scopes", "scopes-apart")
        values = _values(wanted)
        if wanted.secret is not None:
            values["secret_hash"] = await self._passwords.hash(wanted.secret)
        async with self._database.write() as session:
            await rows.hold_name(session, wanted.client_id)
            old = await rows.put_client(session, wanted.client_id, values, when_new={"secret_hash": None})
            if old is not None and old.agency_code not in caller.reach:
                raise NotFoundError
            if old is None and await rows.officer(session, wanted.client_id) is not None:
                # Tokens, the log and reports tell them apart by their names alone.
                raise FieldFaultError("client_id", "name-taken")
            if old is not None and _ends_tokens(old, wanted):
                await rows.change_client(session, wanted.client_id, {"reopened_at": self._clock()})
            made = await rows.client(session, wanted.client_id)
            await self._audit.append_within(session, _change(caller, old, wanted, at=self._clock()))
        self._directory.forget_accounts()
        if made is None:
            raise NotFoundError
        return made, old is None


def _mixes_scopes(wanted: ClientPut) -> bool:
    """Tell whether a system would use scopes together that are kept apart.

    Where it only brings officers, their roles decide. One from before this rule can be disabled as it is.
    """
    acts_itself = wanted.is_active and GrantType.CLIENT_CREDENTIALS in wanted.grants
    return acts_itself and not policy.may_be_held_together(policy.scopes_of_system(wanted.scopes))


def _ends_tokens(old: ClientAccount, wanted: ClientPut) -> bool:
    """Tell whether tokens from before this change are to stay or become ended.

    Which key or secret a token was given for is not kept, so one that is replaced ends them all.
    """
    is_reopened = wanted.is_active and not old.is_active
    loses_key = any(key not in wanted.jwks for key in old.jwks)
    return is_reopened or loses_key or wanted.secret is not None


def _values(wanted: ClientPut) -> dict[str, Any]:
    return {
        "name": wanted.name,
        "agency_code": wanted.agency_code,
        "grants": list(wanted.grants),
        "scopes": [scope.value for scope in wanted.scopes],
        "networks": list(wanted.networks),
        "jwks": [dict(key) for key in wanted.jwks],
        "is_active": wanted.is_active,
    }


def _change(caller: Caller, old: ClientAccount | None, new: ClientPut, *, at: datetime) -> AuditEvent:
    details: dict[str, str | int | tuple[str, ...]] = {
        "client_changed": new.client_id,
        "sets_secret": new.secret is not None,
        **{f"new_{name}": value for name, value in _codes(new).items()},
    }
    if old is not None:
        details |= {f"old_{name}": value for name, value in _codes(old).items()}
    event = AuditEvent.of_caller(caller, kind=AuditKind.CHANGE, at=at)
    return replace(event, result=CREATED if old is None else REPLACED, details=details)


def _codes(client: ClientAccount | ClientPut) -> dict[str, str | int | tuple[str, ...]]:
    return {
        "agency": client.agency_code,
        "grants": client.grants,
        "scopes": tuple(scope.value for scope in client.scopes),
        "networks": client.networks,
        "key_ids": tuple(str(key.get("kid")) for key in client.jwks),
        "is_active": client.is_active,
    }
