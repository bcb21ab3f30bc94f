"""Hashes and checks passwords and client secrets with argon2id, without holding up anything else."""

import asyncio
import secrets
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any, Final

import argon2

from app.domain.accounts import FORMER_PASSWORDS

# OWASP's second choice for argon2id: 19 MiB, two passes. More memory would not fit the 120 MB of a worker.
MEMORY_KIB: Final = 19_456
PASSES: Final = 2

# Each hash keeps a core busy for some 20 ms. Two at a time leave the desk's lookups their share; how many may
# wait for them is the business of the gate of log-ins.
_PARALLEL: Final = 2


class Passwords:
    """Hashes in threads of its own; `close` ends them."""

    def __init__(self) -> None:
        self._hasher = argon2.PasswordHasher(time_cost=PASSES, memory_cost=MEMORY_KIB, parallelism=1)
        self._threads = ThreadPoolExecutor(_PARALLEL, thread_name_prefix="passwords")
        self._nobodys_hash = self._hasher.hash(secrets.token_urlsafe(16))

    async def hash(self, password: str) -> str:
        """Hash a new password."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, self._hasher.hash, password)

    async def is_right(self, password: str, known_hash: str | None) -> bool:
        """Compare with the hash on file; without one it takes the same time and is never right."""
        loop = asyncio.get_running_loop()
        right = await loop.run_in_executor(
            self._threads, self._matches, known_hash or self._nobodys_hash, password
        )
        return right and known_hash is not None

    def close(self) -> None:
        """Let what is under way finish and end the threads."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _matches(self, known_hash: str, password: str) -> bool:
        try:
            return self._hasher.verify(known_hash, password)
        except (argon2.exceptions.VerifyMismatchError, argon2.exceptions.InvalidHashError):
            return False


def columns_beside_hash(former: Sequence[str], *, set_at: datetime) -> dict[str, Any]:
    """Say what changes in an account with its password's hash.

    Args:
        former: Hashes of its passwords until now, the present one first.
        set_at: A time not before the account is held: nobody gets in with the old password from there on.
    """
    return {"former_password_hashes": [*former[: FORMER_PASSWORDS - 1]], "password_set_at": set_at}
