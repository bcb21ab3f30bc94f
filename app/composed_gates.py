"""Builds what bounds the work of a process."""

from app.errors import PopulationDatabaseUnavailableError, ServiceUnavailableError
from app.intake.gates import Gate, Gates
from app.settings import Settings


def make_gates(settings: Settings) -> Gates:
    """Build what bounds the work of this process.

    A lookup has its place before its INTENT, and there are as many places as calls to the register: it never
    finds the way to the register full afterwards.
    """
    lookups = Gate(
        places=settings.npd_max_in_flight,
        most_waiting=settings.npd_max_waiting,
        wait_seconds=settings.npd_wait_seconds,
        refusal=PopulationDatabaseUnavailableError,
    )
    requests = Gate(
        places=settings.max_in_flight,
        most_waiting=settings.max_waiting,
        wait_seconds=settings.wait_seconds,
        refusal=ServiceUnavailableError,
    )
    return Gates(lookups=lookups, requests=requests)
