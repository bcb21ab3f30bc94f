"""Officers' accounts (tài khoản cán bộ), for administrators. Passwords are set and never read."""

import secrets
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from app.clock import Clock
from app.db import account_rows as rows
from app.db.account_rows import OfficerRow
from app.db.accounts import change_account, forget_lost_second_factor, former_password_hashes
from app.db.engine import Database, Session
from app.domain import policy
from app.domain.accounts import OfficerAccount, OfficerPut, is_strong_password
from app.domain.audit_event import AuditEvent, AuditKind
from app.domain.caller import Caller, Role
from app.domain.identity_number import IdentityNumber
from app.domain.keyed_page import KeyedPage
from app.errors import FieldFaultError, LastAdminError, NotFoundError
from app.keys.sealing import Sealer
from app.services.audit_log import AuditLog
from app.services.directory import Directory, id_number_place
from app.services.passwords import Passwords, columns_beside_hash

CREATED: Final = "officer-created"
REPLACED: Final = "officer-replaced"
SECOND_FACTOR_REMOVED: Final = "officer-second-factor-removed"

_RANDOM_BYTES: Final = 32


class Officers:
    """Reads and changes officers' accounts within an administrator's reach. None is ever removed."""

    def __init__(
        self,
        *,
        database: Database,
        directory: Directory,
        audit: AuditLog,
        sealer: Sealer,
        passwords: Passwords,
        clock: Clock,
    ) -> None:
        self._database = database
        self._directory = directory
        self._audit = audit
        self._sealer = sealer
        self._passwords = passwords
        self._clock = clock

    async def list_officers(
        self, caller: Caller, *, after: str | None, limit: int
    ) -> KeyedPage[OfficerAccount]:
        """Return a page of the accounts within the caller's reach, in the order of their user names."""
        async with self._database.read() as session:
            found = await rows.officers(session, agency_codes=caller.reach, after=after, limit=limit + 1)
        return KeyedPage.cut([*map(self._account, found)], limit, key=lambda account: account.username)

    async def get(self, caller: Caller, username: str) -> OfficerAccount:
        """Return one account.

        Raises:
            NotFoundError: there is none, or it is out of the caller's reach.
        """
        async with self._database.read() as session:
            # Asked of the database: one out of reach takes as long as one that does not exist.
            found = await rows.officer(session, username, agency_codes=caller.reach)
        if found is None:
            raise NotFoundError
        return self._account(found)

    async def put(self, caller: Caller, wanted: OfficerPut) -> tuple[OfficerAccount, bool]:
        """Create an account or replace it; give it, and tell whether it is new.

        A new one without a password can only be entered through a front end that vouches for the officer, or
        another issuer. Setting a password lifts the lock after bad log-ins. An officer who was disabled is
        out within half a minute: all tokens end, and stay ended; so do those from before a new password.

        Raises:
            NotFoundError: the account exists out of the caller's reach.
            FieldFaultError: the agency is unknown or out of reach, the roles do not go together, the password
                is too weak, or a system has the name of a new account.
            LastAdminError: no active administrator would be left.
            ServiceUnavailableError, AuditUnavailableError: nothing was changed, unless the connection was
                lost during the commit.
        """
        if wanted.agency_code not in caller.reach:
            raise FieldFaultError("/agency", "not-allowed")
        if not policy.may_go_together(wanted.roles):
            raise FieldFaultError("/roles", "roles-apart")
        now = self._clock()
        values = await self._values(wanted)
        when_new = await self._when_new(wanted)
        async with self._database.write() as session:
            old = await self._written(session, caller, wanted, values, when_new=when_new)
            await _accept(session, caller, wanted, old)
            if old is not None and wanted.is_active and not old.is_active:
                # Tokens from before it was disabled stay ended.
                await change_account(session, wanted.username, {"reopened_at": self._clock()})
            made = await rows.officer(session, wanted.username)
            await self._audit.append_within(session, _change(caller, old, wanted, at=now))
        self._directory.forget_accounts()
        if made is None:
            raise NotFoundError
        return self._account(made), old is None

    async def remove_second_factor(self, caller: Caller, username: str) -> None:
        """Take away an officer's second factor, as when the phone is lost.

        The password, which it allowed to be short, then serves only to set another one, or to enrol again.

        Raises:
            NotFoundError: there is no such account, or it is out of the caller's reach.
            ServiceUnavailableError, AuditUnavailableError: nothing was changed, unless the connection was
                lost during the commit.
        """
        async with self._database.write() as session:
            old = await rows.officer(session, username, agency_codes=caller.reach, is_to_change=True)
            if old is None:
                raise NotFoundError
            # The step of its last code stays: it tells that there was one (AccountState.needs_new_password).
            nothing = {"second_factor_sealed": None, "second_factor_offered": None}
            await change_account(session, username, nothing)
            event = AuditEvent.of_caller(caller, kind=AuditKind.CHANGE, at=self._clock())
            details = {"officer_changed": username}
            await self._audit.append_within(
                session, replace(event, result=SECOND_FACTOR_REMOVED, details=details)
            )

    async def _written(
        self,
        session: Session,
        caller: Caller,
        wanted: OfficerPut,
        values: dict[str, Any],
        *,
        when_new: dict[str, Any],
    ) -> OfficerRow | None:
        """Insert the account or change it; return it as it was."""
        await rows.hold_name(session, wanted.username)
        known = await rows.officer(session, wanted.username, agency_codes=caller.reach)
        if _loses_admin(known, wanted):
            # Two who disable each other would otherwise each hold one account and wait for the other.
            await rows.lock_active_officers(session)
        if wanted.password is not None:
            former = await former_password_hashes(session, wanted.username, is_to_change=True)
            values = values | columns_beside_hash(former, set_at=self._clock())
        return await rows.put_officer(session, wanted.username, values, when_new=when_new)

    async def _values(self, wanted: OfficerPut) -> dict[str, Any]:
        values: dict[str, Any] = {
            "full_name": wanted.full_name,
            "agency_code": wanted.agency_code,
            "roles": [role.value for role in Role if role in wanted.roles],
            "is_active": wanted.is_active,
        }
        if wanted.id_number is not None:
            values["id_number_sealed"] = self._sealer.seal(
                wanted.id_number.encode(), place=id_number_place(wanted.username)
            )
        elif wanted.drops_id_number:
            values["id_number_sealed"] = None
        if wanted.is_active:
            # From here idle time is counted anew.
            values["enabled_at"] = self._clock()
        if wanted.password is not None:
            values |= {
                "password_hash": await self._passwords.hash(wanted.password),
                "failed_logins": 0,
                "locked_until": None,
            }
        return values

    async def _when_new(self, wanted: OfficerPut) -> dict[str, Any]:
        if wanted.password is not None:
            return {}
        # Nobody knows it: a password that no one can enter.
        unknown = await self._passwords.hash(secrets.token_urlsafe(_RANDOM_BYTES))
        return {"password_hash": unknown, "failed_logins": 0, "locked_until": None}

    def _account(self, row: OfficerRow) -> OfficerAccount:
        number = row.id_number_sealed
        plain = number and self._sealer.unseal(number, place=id_number_place(row.username)).decode()
        return OfficerAccount(
            username=row.username,
            full_name=row.full_name,
            agency_code=row.agency_code,
            roles=row.roles,
            id_number=IdentityNumber(plain).masked() if plain else None,
            is_active=row.is_active,
            has_second_factor=row.has_second_factor,
            locked_until=row.locked_until,
            last_login_at=row.last_login_at,
        )


async def _accept(session: Session, caller: Caller, wanted: OfficerPut, old: OfficerRow | None) -> None:
    """Refuse what must not be, now that the account is held; `old` is as it was before."""
    if old is not None and old.agency_code not in caller.reach:
        raise NotFoundError
    if old is None and await rows.client(session, wanted.username) is not None:
        # Tokens, the log and reports tell them apart by their names alone.
        raise FieldFaultError("username", "name-taken")
    await _accept_password(session, wanted, old)
    if _loses_admin(old, wanted) and not await rows.has_active_admin(session):
        raise LastAdminError


async def _accept_password(session: Session, wanted: OfficerPut, old: OfficerRow | None) -> None:
    """Refuse a weak password; one that is strong without a second factor makes up for one that was lost."""
    if wanted.password is None:
        return
    has_second_factor = old is not None and old.has_second_factor
    if not is_strong_password(wanted.password, has_second_factor=has_second_factor):
        raise FieldFaultError("/password", "weak-password")
    await forget_lost_second_factor(session, wanted.username)


def _loses_admin(old: OfficerRow | None, wanted: OfficerPut) -> bool:
    was = old is not None and old.is_active and Role.ADMIN in old.roles
    return was and not (wanted.is_active and Role.ADMIN in wanted.roles)


def _change(caller: Caller, old: OfficerRow | None, new: OfficerPut, *, at: datetime) -> AuditEvent:
    details: dict[str, str | int | tuple[str, ...]] = {
        "officer_changed": new.username,
        "new_agency": new.agency_code,
        "new_roles": tuple(role.value for role in Role if role in new.roles),
        "new_is_active": new.is_active,
        "sets_password": new.password is not None,
        "sets_id_number": new.id_number is not None,
        "drops_id_number": new.drops_id_number,
    }
    if old is not None:
        details |= {
            "old_agency": old.agency_code,
            "old_roles": tuple(role.value for role in old.roles),
            "old_is_active": old.is_active,
        }
    event = AuditEvent.of_caller(caller, kind=AuditKind.CHANGE, at=at)
    return replace(event, result=CREATED if old is None else REPLACED, details=details)
