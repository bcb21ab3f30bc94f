"""Watches lookups as they are made, for what must not wait for the auditor's next report.

Each process watches what goes through it. An officer whose numbers run on is seen by whichever process gets
enough of them; the snooping report sees them all.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from app.alerts import Alert, Alerts
from app.domain.audit_event import AuditEvent

_MOST_OFFICERS: Final = 10_000


@dataclass(slots=True)
class _Run:
    """An officer's last number, and how many neighbours in a row it ends."""

    number: int
    length: int = 1


class LookupWatch:
    """Raises alerts for decoy numbers, which belong to nobody, and for runs of neighbouring numbers."""

    def __init__(
        self, alerts: Alerts, *, decoys: Collection[str], neighbours_in_a_row: int, neighbours_distance: int
    ) -> None:
        self._alerts = alerts
        self._decoys = frozenset(decoys)
        self._in_a_row = neighbours_in_a_row
        self._distance = neighbours_distance
        self._runs: dict[str, _Run] = {}

    def see(self, intent: AuditEvent) -> None:
        """Look at a lookup whose INTENT is durable. It goes on as any other: nobody is warned off."""
        if not self._decoys.isdisjoint(subject.number for subject in intent.subjects):
            self._tell(Alert.DECOY_NUMBER, intent)
        if intent.officer is not None and self._runs_on(intent.officer, int(intent.subjects[0].number)):
            self._tell(Alert.NEIGHBOURING_NUMBERS, intent)

    def _runs_on(self, officer: str, number: int) -> bool:
        """Note the officer's next number; tell whether it makes a run that is long enough."""
        run = self._runs.pop(officer, None) or _Run(number, 0)
        distance = abs(number - run.number)
        if run.length == 0 or 0 < distance <= self._distance:
            run.length += 1
        elif distance:
            run.length = 1
        run.number = number
        self._runs[officer] = run
        if len(self._runs) > _MOST_OFFICERS:
            del self._runs[next(iter(self._runs))]
        return run.length >= self._in_a_row

    def _tell(self, alert: Alert, intent: AuditEvent) -> None:
        self._alerts.tell(
            alert,
            about=intent.officer,
            agency=intent.agency,
            client=intent.client,
            lookup_id=str(intent.lookup_id),
        )
