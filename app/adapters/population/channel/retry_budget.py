"""Keeps retries from multiplying the load on a register that is in trouble."""

from typing import Final

CALLS_PER_RETRY: Final = 10
MOST_SAVED: Final = 10


class RetryBudget:
    """Allows one retry for every ten calls; up to ten are saved, and as many are there at the start."""

    def __init__(self) -> None:
        self._saved = MOST_SAVED * CALLS_PER_RETRY

    def note_call(self) -> None:
        """Count a call."""
        self._saved = min(self._saved + 1, MOST_SAVED * CALLS_PER_RETRY)

    def take(self) -> bool:
        """Take a retry, if one is left."""
        if self._saved < CALLS_PER_RETRY:
            return False
        self._saved -= CALLS_PER_RETRY
        return True
