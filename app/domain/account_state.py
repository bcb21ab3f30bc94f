"""What log-in knows of an officer's account, and the rules that follow. Pure."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from app.domain.caller import Role
from app.domain.login_lock import LoginLock

# Noting each log-in would cost a write each time; to the hour is enough to tell who is idle.
NOTED_EVERY: Final = timedelta(hours=1)
PRIVILEGED: Final = frozenset({Role.ADMIN, Role.AUDITOR})


@dataclass(frozen=True, slots=True)
class AccountRules:
    """What a deployment asks of accounts."""

    second_factor_roles: frozenset[Role]
    idle_time: timedelta
    admin_password_age: timedelta


@dataclass(frozen=True, slots=True)
class AccountState:
    """An officer's account as log-in finds it; secrets are sealed, the password is hashed.

    `second_factor_step` outlives a second factor that was taken away, until another password is set.
    """

    username: str
    roles: frozenset[Role]
    password_hash: str = field(repr=False)
    lock: LoginLock
    second_factor_sealed: bytes | None = field(repr=False)
    second_factor_step: int | None
    password_set_at: datetime | None
    enabled_at: datetime | None
    reopened_at: datetime | None
    last_login_at: datetime | None

    @property
    def token_ends(self) -> tuple[datetime | None, datetime | None]:
        """When the account's tokens from before were ended: by a new password, or with the account."""
        return self.password_set_at, self.reopened_at

    def is_idle(self, now: datetime, rules: AccountRules) -> bool:
        """Tell whether nobody used the account for too long; one that was never noted is not idle."""
        seen = [moment for moment in (self.enabled_at, self.last_login_at) if moment is not None]
        return bool(seen) and now - max(seen) > rules.idle_time

    def is_limited(self, now: datetime, rules: AccountRules) -> bool:
        """Tell whether the officer must first enrol a second factor or change the password.

        Until then a token has no scopes: good for just that.
        """
        return self.lacks_second_factor(rules) or self.needs_new_password(now, rules)

    def lacks_second_factor(self, rules: AccountRules) -> bool:
        """Tell whether the officer's roles ask for a second factor that the account does not have."""
        return self.second_factor_sealed is None and not rules.second_factor_roles.isdisjoint(self.roles)

    def needs_new_password(self, now: datetime, rules: AccountRules) -> bool:
        """Tell whether an administrator's password is older than it may be, or anybody's has lost its factor.

        Beside a second factor it was allowed to be short, and the hash does not tell whether it is.
        """
        is_old = self.password_set_at is not None and now - self.password_set_at > rules.admin_password_age
        return self.has_lost_second_factor or (Role.ADMIN in self.roles and is_old)

    @property
    def has_lost_second_factor(self) -> bool:
        """Whether a second factor was taken away, and the password is still from then."""
        return self.second_factor_sealed is None and self.second_factor_step is not None

    def is_to_be_noted(self, now: datetime) -> bool:
        """Tell whether this log-in is written down."""
        return self.last_login_at is None or not timedelta(0) <= now - self.last_login_at < NOTED_EVERY


def is_privileged(roles: Collection[Role]) -> bool:
    """Tell whether tokens for these roles live shorter."""
    return not PRIVILEGED.isdisjoint(roles)
