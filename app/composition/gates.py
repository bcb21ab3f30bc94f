"""Builds what bounds the work of a process."""

from typing import Final

from app.errors import PopulationDatabaseUnavailableError, ServiceUnavailableError
from app.intake.gates import Gate, Gates
from app.settings.settings import Settings

# Two threads hash, 20 ms each. A refusal is held back for a quarter of a second and keeps its place: with
# few places, guesses would keep everybody out and leave the threads idle. So many may wait as are served in
# some four seconds on two busy cores: an office that opens is, and one who waits longer has given up.
_LOG_IN_PLACES: Final = 16
_LOG_INS_WAITING: Final = 200
_LOG_IN_WAIT_SECONDS: Final = 5.0

_EXTRA_SHARE: Final = 4
"""Of so many calls to the register one may be an extra one of a household that is checked by records."""


def make_gates(settings: Settings) -> Gates:
    """Build what bounds the work of this process.

    A lookup has its place before its INTENT, and there are as many places as calls to the register, without
    those that households may take beside: it never finds the way to the register full afterwards.
    """
    lookups = Gate(
        places=settings.npd_max_in_flight - extra_household_questions(settings),
        most_waiting=settings.npd_max_waiting,
        wait_seconds=settings.npd_wait_seconds,
        refusal=PopulationDatabaseUnavailableError,
    )
    log_ins = Gate(
        places=_LOG_IN_PLACES,
        most_waiting=_LOG_INS_WAITING,
        wait_seconds=_LOG_IN_WAIT_SECONDS,
        refusal=ServiceUnavailableError,
    )
    requests = Gate(
        places=settings.max_in_flight,
        most_waiting=settings.max_waiting,
        wait_seconds=settings.wait_seconds,
        refusal=ServiceUnavailableError,
    )
    return Gates(lookups=lookups, log_ins=log_ins, requests=requests)


def extra_household_questions(settings: Settings) -> int:
    """Tell how many questions all households together may have under way beside the one of each lookup."""
    return settings.npd_max_in_flight // _EXTRA_SHARE if settings.npd_household_strategy == "records" else 0
