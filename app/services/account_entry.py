"""Lets officers into their accounts: password, second factor, lock and idle time, in one transaction."""

from datetime import datetime
from typing import Any

from app.alerts import Alert, Alerts
from app.clock import Clock
from app.db import accounts
from app.db.engine import Database
from app.domain.account_state import AccountRules, AccountState
from app.domain.login_lock import LoginLock
from app.services.passwords import Passwords
from app.services.second_factor import SecondFactor


class AccountEntry:
    """Counts every try at an account, whoever makes it and through which door."""

    def __init__(
        self,
        database: Database,
        *,
        passwords: Passwords,
        second_factor: SecondFactor,
        rules: AccountRules,
        alerts: Alerts,
        clock: Clock,
    ) -> None:
        self._database = database
        self._passwords = passwords
        self._second_factor = second_factor
        self._alerts = alerts
        self._clock = clock
        self.rules = rules

    async def by_password(
        self, username: str, password: str, code: str | None, *, asks_code: bool = True
    ) -> AccountState | None:
        """Return the account if the password and, where it has one, the second factor open it; else None.

        A wrong password or code counts as a bad log-in. A right one for an account that is locked or idle
        does not, and nothing tells the reasons of a refusal apart.

        Raises:
            ServiceUnavailableError: the database cannot be asked.
        """
        async with self._database.read() as session:
            known_hash = await accounts.password_hash(session, username)
        # No transaction is held while the hash is made. The password is compared even if the account is
        # locked, and the lock is asked afterwards: what counts is the order in which attempts end.
        is_right = await self._passwords.is_right(password, known_hash)
        now = self._clock()
        async with self._database.write() as session:
            state = await accounts.account_state(session, username)
            if state is None:
                return None
            # A new password that was set while the old one was compared ends what the old one opens.
            is_right &= state.password_hash == known_hash
            step = self._step(state, code, now) if asks_code else None
            is_right &= step is not None or state.second_factor_sealed is None or not asks_code
            is_open = is_right and not state.lock.is_locked(now) and not state.is_idle(now, self.rules)
            values = _changes(
                state, now, is_right=is_right, is_open=is_open, is_complete=asks_code, step=step
            )
            if values:
                await accounts.change_account(session, username, values)
        locked_until = values.get("locked_until")
        if locked_until is not None and now < locked_until and not state.lock.is_locked(now):
            self._alerts.tell(Alert.ACCOUNT_LOCKED, about=username)
        return state if is_open else None

    async def by_word(self, username: str) -> AccountState | None:
        """Note that somebody who is believed vouched for the officer; return the account if it is in use.

        Raises:
            ServiceUnavailableError: the database cannot be asked.
        """
        now = self._clock()
        async with self._database.write() as session:
            state = await accounts.account_state(session, username)
            if state is None or state.is_idle(now, self.rules):
                return None
            if state.is_to_be_noted(now):
                await accounts.change_account(session, username, {"last_login_at": now})
        return state

    def _step(self, state: AccountState, code: str | None, now: datetime) -> int | None:
        if state.second_factor_sealed is None:
            return None
        return self._second_factor.matching_step(
            state.second_factor_sealed,
            code,
            username=state.username,
            now=now,
            after=state.second_factor_step,
        )


def _changes(
    state: AccountState,
    now: datetime,
    *,
    is_right: bool,
    is_open: bool,
    is_complete: bool,
    step: int | None,
) -> dict[str, Any]:
    after = state.lock if is_right else state.lock.after_failure(now)
    if is_open and is_complete:
        # A password alone does not: else who knows it could guess codes without end.
        after = LoginLock()
    values: dict[str, Any] = {}
    if after != state.lock:
        values |= {"failed_logins": after.failed_logins, "locked_until": after.locked_until}
    if is_open and step is not None:
        values["second_factor_step"] = step
    if is_open and state.is_to_be_noted(now):
        values["last_login_at"] = now
    return values
