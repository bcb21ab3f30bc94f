from dataclasses import replace
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from app.alerts import Alert, Alerts, Details
from app.domain.audit_event import AuditEvent, AuditKind, Subject
from app.domain.lookup_kind import LookupKind
from app.services.lookup_watch import LookupWatch

NOON = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)


class Heard:
    def __init__(self) -> None:
        self.alerts: list[tuple[Alert, Details]] = []

    def __call__(self, alert: Alert, details: Details) -> None:
        self.alerts.append((alert, details))

    @property
    def names(self) -> list[Alert]:
        return [alert for alert, _ in self.alerts]


@pytest.fixture
def heard() -> Heard:
    return Heard()


def intent(*numbers: str, officer: str = "receiver") -> AuditEvent:
    roles = ["head", *["member"] * (len(numbers) - 1)]
    return AuditEvent(
        kind=AuditKind.INTENT,
        at=NOON,
        officer=officer,
        agency="H24.15",
        client=None,
        source_address="127.0.0.1",
        lookup_id=uuid4(),
        lookup_kind=LookupKind.HOUSEHOLD_HEAD,
        subjects=tuple(
            replace(Subject("member", number), role=role)  # type: ignore[arg-type] # one of the literals
            for role, number in zip(roles, numbers, strict=True)
        ),
    )


def watch(heard: Heard, *decoys: str) -> LookupWatch:
    return LookupWatch(Alerts(heard), decoys=decoys, neighbours_in_a_row=4, neighbours_distance=20)


def test_the_same_alert_about_the_same_account_is_told_once_a_minute(heard: Heard) -> None:
    seconds = 0.0
    alerts = Alerts(heard, monotonic=lambda: seconds)
    alerts.tell(Alert.ACCOUNT_LOCKED, about="a")
    alerts.tell(Alert.ACCOUNT_LOCKED, about="a")
    alerts.tell(Alert.ACCOUNT_LOCKED, about="b")
    alerts.tell(Alert.DECOY_NUMBER, about="a")
    seconds = 60.0
    alerts.tell(Alert.ACCOUNT_LOCKED, about="a")
    assert [(alert, details["about"]) for alert, details in heard.alerts] == [
        (Alert.ACCOUNT_LOCKED, "a"),
        (Alert.ACCOUNT_LOCKED, "b"),
        (Alert.DECOY_NUMBER, "a"),
        (Alert.ACCOUNT_LOCKED, "a"),
    ]


def test_a_run_of_neighbouring_numbers_raises_an_alert_when_it_is_long_enough(heard: Heard) -> None:
    lookups = watch(heard)
    for number in ("100190000010", "100190000012", "100190000011"):
        lookups.see(intent(number))
    assert heard.names == []
    lookups.see(intent("100190000030"))
    assert heard.names == [Alert.NEIGHBOURING_NUMBERS]
    assert "1001900000" not in str(heard.alerts)


def test_a_number_far_away_ends_a_run_and_the_same_number_does_not_lengthen_it(heard: Heard) -> None:
    lookups = watch(heard)
    for number in (
        *("100190000010", "100190000011", "100190000012"),
        *("100290000000", "100190000013", "100190000014", "100190000014", "100190000014"),
    ):
        lookups.see(intent(number))
    assert heard.names == []


def test_runs_are_counted_for_each_officer_apart(heard: Heard) -> None:
    lookups = watch(heard)
    for number in range(3):
        for officer in ("receiver", "receiver2"):
            lookups.see(intent(f"10019000001{number}", officer=officer))
    assert heard.names == []


def test_a_decoy_raises_an_alert_wherever_it_stands_in_a_lookup(heard: Heard) -> None:
    lookups = watch(heard, "100199999991")
    lookups.see(intent("100190000001", "100190500001"))
    assert heard.names == []
    lookups.see(intent("100180000001", "100199999991"))
    assert heard.names == [Alert.DECOY_NUMBER]
    _, details = heard.alerts[0]
    assert details["about"] == "receiver"
    assert "100199999991" not in str(details)
