from datetime import UTC, date, datetime, timedelta

from app.domain.pruned_parts import LATEST_ARRIVAL, Made, PrunedParts
from app.domain.retention import Pruning, beginning

NOW = datetime(2026, 11, 23, 5, tzinfo=UTC)
FIRST, SECOND = date(2024, 3, 1), date(2024, 9, 1)
OF_FEBRUARY, OF_MAY, OF_OCTOBER = (f"2024-{month}-15T00:00:00.000000Z" for month in ("02", "05", "10"))


def pruning(until: int, before: date) -> Pruning:
    return Pruning(until, before, NOW)


def test_without_a_pruning_nothing_may_be_missing() -> None:
    assert PrunedParts([], list, now=NOW).until == 0
    assert PrunedParts([pruning(9, date(2026, 11, 1))], list, now=NOW).until == 0


def test_each_record_must_be_as_old_as_the_earliest_day_that_reached_it() -> None:
    parts = PrunedParts([pruning(20, SECOND), pruning(10, FIRST)], list, now=NOW)
    assert parts.until == 20
    assert parts.may_reach(9, OF_FEBRUARY)
    assert not parts.may_reach(9, OF_MAY)
    assert parts.may_reach(10, OF_MAY)
    assert not parts.may_reach(19, OF_OCTOBER)


def test_the_day_begins_in_vietnam() -> None:
    parts = PrunedParts([pruning(10, FIRST)], list, now=NOW)
    assert parts.may_reach(0, "2024-02-29T16:59:59.999999Z")
    assert not parts.may_reach(0, "2024-02-29T17:00:00.000000Z")


def test_what_is_no_time_is_of_no_day() -> None:
    assert not PrunedParts([pruning(10, FIRST)], list, now=NOW).may_reach(0, None)


def test_a_pruning_reaches_no_further_than_the_log_did_when_its_day_began() -> None:
    begins = beginning(FIRST)
    kept = [
        Made(4, begins - timedelta(days=1)),
        # Made while records of the day before could still arrive.
        Made(6, begins + LATEST_ARRIVAL - timedelta(seconds=1)),
        Made(7, begins + LATEST_ARRIVAL),
        Made(90, begins + timedelta(days=300)),
    ]
    assert PrunedParts([pruning(10, FIRST)], lambda: reversed(kept), now=NOW).until == 7
    assert PrunedParts([pruning(5, FIRST)], lambda: kept, now=NOW).until == 5


def test_a_checkpoint_from_a_clock_that_was_ahead_for_a_while_does_not_count() -> None:
    begins = beginning(FIRST)
    kept = [Made(2, begins + timedelta(days=400)), Made(8, begins), Made(12, begins + timedelta(days=2))]
    assert PrunedParts([pruning(10, FIRST)], lambda: kept, now=NOW).until == 10


def test_where_no_checkpoint_followed_the_log_is_as_it_was() -> None:
    kept = [Made(8, beginning(FIRST))]
    assert PrunedParts([pruning(10, FIRST)], lambda: kept, now=NOW).until == 10


def test_each_pruning_is_held_against_the_checkpoints_of_its_own_day() -> None:
    kept = [
        Made(4, beginning(FIRST)),
        Made(6, beginning(SECOND)),
        Made(9, beginning(SECOND) + LATEST_ARRIVAL),
    ]
    parts = PrunedParts([pruning(20, SECOND), pruning(20, FIRST)], lambda: kept, now=NOW)
    assert parts.until == 9
    assert parts.may_reach(5, OF_FEBRUARY)
    assert not parts.may_reach(5, OF_MAY)
    assert parts.may_reach(6, OF_MAY)
