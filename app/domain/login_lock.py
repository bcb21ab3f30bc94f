"""When too many bad log-ins lock an account, and for how long. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

MAX_FAILED_LOGINS: Final = 5
LOCK_DURATION: Final = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class LoginLock:
    """Bad log-ins in a row since the last good one, and until when the account is locked, if it was."""

    failed_logins: int = 0
    locked_until: datetime | None = None

    def is_locked(self, now: datetime) -> bool:
        """Tell whether no password opens the account now."""
        return self.locked_until is not None and now < self.locked_until

    def after_failure(self, now: datetime) -> "LoginLock":
        """Count a bad log-in. One during the lock changes nothing; the first after it counts from one."""
        if self.is_locked(now):
            return self
        failed = 1 if self.locked_until is not None else self.failed_logins + 1
        if failed < MAX_FAILED_LOGINS:
            return LoginLock(failed)
        return LoginLock(failed, now + LOCK_DURATION)
