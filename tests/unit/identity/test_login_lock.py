from datetime import timedelta

from app.domain.login_lock import LoginLock
from tests.conftest import NOON

MINUTE = timedelta(minutes=1)


def failed(times: int) -> LoginLock:
    lock = LoginLock()
    for _ in range(times):
        lock = lock.after_failure(NOON)
    return lock


def test_four_bad_logins_leave_an_account_open() -> None:
    assert not failed(4).is_locked(NOON)


def test_the_fifth_bad_login_locks_it_for_fifteen_minutes() -> None:
    lock = failed(5)
    assert lock.is_locked(NOON)
    assert lock.is_locked(NOON + 15 * MINUTE - timedelta(microseconds=1))
    assert not lock.is_locked(NOON + 15 * MINUTE)


def test_bad_logins_during_the_lock_do_not_prolong_it() -> None:
    lock = failed(5)
    assert lock.after_failure(NOON + 14 * MINUTE) == lock


def test_after_the_lock_counting_begins_again() -> None:
    later = NOON + 15 * MINUTE
    lock = failed(5).after_failure(later)
    assert lock == LoginLock(1)
    for _ in range(4):
        lock = lock.after_failure(later)
    assert lock.is_locked(later)
