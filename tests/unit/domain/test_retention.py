from datetime import UTC, date, datetime

import pytest

from app.domain.retention import Pruning, months_before, oldest_kept


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        ("2026-11-23", 24, "2024-11-23"),
        ("2026-11-23", 12, "2025-11-23"),
        ("2026-01-15", 1, "2025-12-15"),
        ("2026-12-31", 1, "2026-11-30"),
        ("2026-03-31", 1, "2026-02-28"),
        ("2024-03-30", 1, "2024-02-29"),
        ("2024-02-29", 12, "2023-02-28"),
        ("2026-11-23", 11, "2025-12-23"),
        ("2026-11-23", 0, "2026-11-23"),
    ],
)
def test_months_are_counted_by_the_calendar(day: str, months: int, expected: str) -> None:
    assert months_before(date.fromisoformat(day), months) == date.fromisoformat(expected)


def test_the_oldest_day_to_keep_is_one_of_vietnam() -> None:
    assert oldest_kept(datetime(2026, 11, 22, 17, 0, tzinfo=UTC), 24) == date(2024, 11, 23)
    assert oldest_kept(datetime(2026, 11, 22, 16, 59, tzinfo=UTC), 24) == date(2024, 11, 22)


NOW = datetime(2026, 11, 23, 6, tzinfo=UTC)
RECORD = {
    "kind": "CHANGE",
    "result": "log-pruned",
    "at": "2026-11-23T05:00:00.000000Z",
    "details": {"before": "2025-11-23", "until": 7},
}


def test_a_pruning_is_read_from_its_record() -> None:
    pruning = Pruning.of(RECORD)
    assert pruning is not None
    assert (pruning.until, pruning.before) == (7, date(2025, 11, 23))
    assert pruning.is_lawful(NOW)


def test_what_was_dropped_within_a_year_was_not_lawful() -> None:
    pruning = Pruning.of(RECORD | {"details": {"before": "2025-11-24", "until": 7}})
    assert pruning is not None
    assert not pruning.is_lawful(NOW)


def test_a_time_that_has_not_come_makes_nothing_lawful() -> None:
    pruning = Pruning.of(
        RECORD | {"at": "2028-11-23T05:00:00.000000Z", "details": {"before": "2026-11-23", "until": 7}}
    )
    assert pruning is not None
    assert not pruning.is_lawful(NOW)
    assert pruning.is_lawful(datetime(2027, 11, 23, tzinfo=UTC))


@pytest.mark.parametrize(
    "change",
    [
        {"result": "case-registered"},
        {"details": {}},
        {"details": {"before": "soon", "until": 7}},
        {"details": {"before": "2025-11-23", "until": "7"}},
        {"details": {"before": "2025-11-23", "until": True}},
        {"details": None},
        {"at": "soon"},
        {"at": "0001-01-01T00:00:00+14:00"},
        {"at": "0001-01-01T00:00:00Z"},
        {"details": {"before": "0001-01-01", "until": 7}},
    ],
)
def test_a_record_that_announces_no_pruning_is_none(change: dict[str, object]) -> None:
    assert Pruning.of(RECORD | change) is None
