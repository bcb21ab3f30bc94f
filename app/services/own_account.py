"""What officers do with their own accounts: look at it, change the password, enrol a second factor."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from app.clock import Clock
from app.db import accounts
from app.db.engine import Database, Session
from app.domain.account_state import AccountState
from app.domain.accounts import FORMER_PASSWORDS, is_strong_password
from app.domain.audit_event import AuditEvent, AuditKind
from app.domain.caller import Caller, Role
from app.errors import FieldFaultError, NotFoundError, SecondFactorSetError, UnauthenticatedError
from app.services.account_entry import AccountEntry
from app.services.audit_log import AuditLog
from app.services.directory import Directory
from app.services.passwords import Passwords, columns_beside_hash
from app.services.second_factor import SecondFactor

PASSWORD_CHANGED: Final = "own-password-changed"  # noqa: S105 - what happened, not a password
SECOND_FACTOR_SET: Final = "own-second-factor-set"


@dataclass(frozen=True, slots=True)
class OfferedSecret:
    """A secret of one-time codes, to be confirmed; told once."""

    secret: str = field(repr=False)
    address: str = field(repr=False)
    qr_rows: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class OwnAccountState:
    """How an officer's own account stands; while it needs anything, its tokens have no scopes."""

    has_second_factor: bool
    needs_second_factor: bool
    needs_new_password: bool
    password_set_at: datetime | None


class OwnAccount:
    """Changes the caller's own account; each change is on record."""

    def __init__(
        self,
        *,
        database: Database,
        directory: Directory,
        audit: AuditLog,
        passwords: Passwords,
        second_factor: SecondFactor,
        entry: AccountEntry,
        clock: Clock,
    ) -> None:
        self._database = database
        self._directory = directory
        self._audit = audit
        self._passwords = passwords
        self._second_factor = second_factor
        self._entry = entry
        self._clock = clock

    async def state(self, caller: Caller) -> OwnAccountState:
        """Tell an officer how the own account stands.

        Raises:
            NotFoundError: a system calls, which has no such account.
            UnauthenticatedError: the account disappeared since the request was let in.
            ServiceUnavailableError: the database cannot be read.
        """
        username = _officer(caller)
        async with self._database.read() as session:
            state = await accounts.account_state(session, username)
        if state is None:
            raise UnauthenticatedError
        return OwnAccountState(
            has_second_factor=state.second_factor_sealed is not None,
            needs_second_factor=state.lacks_second_factor(self._entry.rules),
            needs_new_password=state.needs_new_password(self._clock(), self._entry.rules),
            password_set_at=state.password_set_at,
        )

    async def change_password(self, caller: Caller, *, current: str, new: str) -> None:
        """Change the password of an officer who knows the present one; a wrong one counts as a bad log-in.

        Tokens from before end within half a minute.

        Raises:
            NotFoundError: a system calls, which has no such account.
            FieldFaultError: the present password is wrong, or the new one too weak or used before.
            AuditUnavailableError, ServiceUnavailableError: nothing was changed, unless the connection was
                lost during the commit.
        """
        username = _officer(caller)
        async with self._database.read() as session:
            former = await accounts.former_password_hashes(session, username)
        state = await self._entered(username, current)
        has_second_factor = state.second_factor_sealed is not None
        if not is_strong_password(new, has_second_factor=has_second_factor):
            raise FieldFaultError("/new_password", "weak-password")
        barred = former[:FORMER_PASSWORDS] if Role.ADMIN in state.roles else former[:1]
        for known_hash in barred:
            if await self._passwords.is_right(new, known_hash):
                raise FieldFaultError("/new_password", "used-password")
        new_hash = await self._passwords.hash(new)
        async with self._database.write() as session:
            # An administrator may have set another one while this was compared and hashed.
            if await accounts.former_password_hashes(session, username, is_to_change=True) != former:
                raise FieldFaultError("/current_password", "wrong-password")
            values = {"password_hash": new_hash} | columns_beside_hash(former, set_at=self._clock())
            await self._change(session, caller, username, values, PASSWORD_CHANGED)
            if not has_second_factor:
                await accounts.forget_lost_second_factor(session, username)
        self._directory.forget_accounts()

    async def offer_second_factor(self, caller: Caller, *, current: str) -> OfferedSecret:
        """Draw a secret for the phone of an officer who knows the password; a wrong one is a bad log-in.

        It counts once a code of it was confirmed. The password is asked for because a token can be taken,
        and a front end's word gives one: neither may tie the account to another phone.

        Raises:
            NotFoundError: a system calls, which has no such account.
            FieldFaultError: the password is wrong.
            SecondFactorSetError: there is one already, which only an administrator takes away.
            ServiceUnavailableError: the database cannot be asked.
        """
        username = _officer(caller)
        await self._entered(username, current)
        secret = self._second_factor.new_secret()
        async with self._database.write() as session:
            state = await accounts.account_state(session, username)
            if state is None:
                raise UnauthenticatedError
            if state.second_factor_sealed is not None:
                raise SecondFactorSetError
            values = {"second_factor_offered": self._second_factor.sealed(secret, username)}
            await accounts.change_account(session, username, values)
        address = self._second_factor.address(secret, username)
        return OfferedSecret(secret, address, self._second_factor.qr_rows(address))

    async def confirm_second_factor(self, caller: Caller, code: str) -> None:
        """Take the offered secret as the officer's second factor, for a code of it.

        Raises:
            NotFoundError: a system calls, which has no such account.
            SecondFactorSetError: there is one already.
            FieldFaultError: the code is wrong, or nothing was offered.
            AuditUnavailableError, ServiceUnavailableError: nothing was changed, unless the connection was
                lost during the commit.
        """
        username, now = _officer(caller), self._clock()
        async with self._database.write() as session:
            state = await accounts.account_state(session, username)
            if state is not None and state.second_factor_sealed is not None:
                raise SecondFactorSetError
            offered = await accounts.second_factor_offered(session, username)
            step = offered and self._second_factor.matching_step(
                offered, code, username=username, now=now, after=None
            )
            if not step:
                raise FieldFaultError("/otp", "wrong-code")
            values = {
                "second_factor_sealed": offered,
                "second_factor_offered": None,
                # The code that confirmed it opens nothing any more.
                "second_factor_step": step,
            }
            await self._change(session, caller, username, values, SECOND_FACTOR_SET)

    async def _entered(self, username: str, password: str) -> AccountState:
        state = await self._entry.by_password(username, password, None, asks_code=False)
        if state is None:
            raise FieldFaultError("/current_password", "wrong-password")
        return state

    async def _change(
        self, session: Session, caller: Caller, username: str, values: dict[str, Any], result: str
    ) -> None:
        event = AuditEvent.of_caller(caller, kind=AuditKind.CHANGE, at=self._clock())
        await accounts.change_account(session, username, values)
        await self._audit.append_within(
            session, replace(event, result=result, details={"officer_changed": username})
        )


def _officer(caller: Caller) -> str:
    if caller.username is None:
        raise NotFoundError
    return caller.username
