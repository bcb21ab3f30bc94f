from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.budget_ledger import Ledger
from app.domain.lookup_budget import (
    Charge,
    Holder,
    HolderKind,
    Limits,
    Measure,
    Miss,
    Refusal,
    TollOutcome,
    holders_of,
)
from app.domain.working_time import vietnam_day

NOON = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)
LIMITS = Limits(lookups=30, people=300, misses=15, agency_factor=10, client_factor=100)
OFFICER = Holder(HolderKind.OFFICER, "receiver")
AGENCY = Holder(HolderKind.AGENCY, "H24.15")


def person(number: int) -> bytes:
    return number.to_bytes(32, "big")


def charge(at: datetime = NOON, *people: int, holders: tuple[Holder, ...] = (OFFICER, AGENCY)) -> Charge:
    return Charge(holders, frozenset(map(person, people or (1,))), at)


def ledger(limits: Limits = LIMITS) -> Ledger:
    return Ledger(limits, {}, ())


def left(outcome: TollOutcome) -> dict[Measure, int]:
    assert not isinstance(outcome, Refusal)
    return {standing.measure: standing.left for standing in outcome}


def test_a_budget_is_taken_down_by_each_lookup_and_the_tightest_is_told() -> None:
    book = ledger()
    book.take(charge(NOON, 1))
    assert left(book.take(charge(NOON, 2))) == {
        Measure.LOOKUPS: 28,
        Measure.PEOPLE: 298,
        Measure.MISSES: 15,
    }


def test_the_lookup_beyond_the_limit_is_refused_and_takes_nothing() -> None:
    book = ledger()
    for _ in range(30):
        assert not isinstance(book.take(charge()), Refusal)
    before = book.standing_of(Measure.LOOKUPS, AGENCY, NOON)
    refusal = book.take(charge(NOON, 7))
    assert isinstance(refusal, Refusal)
    assert (refusal.measure, refusal.holder) == (Measure.LOOKUPS, HolderKind.OFFICER)
    assert 60 <= refusal.retry_after_seconds <= 65
    assert book.standing_of(Measure.LOOKUPS, AGENCY, NOON) == before
    assert not any(ref == person(7) for _, _, ref in book.added)


def test_after_the_seconds_that_a_refusal_tells_the_lookup_is_allowed() -> None:
    book = ledger()
    for second in range(30):
        book.take(charge(NOON + timedelta(seconds=second)))
    now = NOON + timedelta(seconds=30)
    refusal = book.take(charge(now))
    assert isinstance(refusal, Refusal)
    later = now + timedelta(seconds=refusal.retry_after_seconds)
    assert isinstance(book.take(charge(later - timedelta(seconds=1))), Refusal)
    assert not isinstance(book.take(charge(later)), Refusal)


def test_a_budget_that_was_lowered_is_free_again_when_enough_of_what_was_used_is_old() -> None:
    book = ledger()
    for second in (0, 20, 40):
        book.take(charge(NOON + timedelta(seconds=second)))
    lowered = Limits(lookups=2, people=300, misses=15, agency_factor=10, client_factor=100)
    book, now = Ledger(lowered, book.uses, ()), NOON + timedelta(seconds=45)
    refusal = book.take(charge(now))
    assert isinstance(refusal, Refusal)
    later = now + timedelta(seconds=refusal.retry_after_seconds)
    assert later >= NOON + timedelta(seconds=80)
    assert isinstance(book.take(charge(later - timedelta(seconds=1))), Refusal)
    assert not isinstance(book.take(charge(later)), Refusal)


@given(st.lists(st.integers(0, 400), min_size=1, max_size=200).map(sorted))
def test_no_minute_ever_holds_more_lookups_than_the_limit(seconds: list[int]) -> None:
    book = ledger(Limits(lookups=5, people=1000, misses=1000, agency_factor=10, client_factor=10))
    taken = [
        second
        for second in seconds
        if not isinstance(book.take(charge(NOON + timedelta(seconds=second))), Refusal)
    ]
    assert taken
    assert all(sum(first <= second < first + 60 for second in taken) <= 5 for first in taken)


def test_a_clock_that_was_ahead_bars_nobody_for_long() -> None:
    book = ledger()
    for _ in range(30):
        book.take(charge(NOON + timedelta(days=1)))
    assert not isinstance(book.take(charge(NOON)), Refusal)


def test_the_same_person_counts_once_a_day_and_again_on_the_next_day_of_vietnam() -> None:
    book = ledger()
    late = datetime(2026, 11, 23, 16, 59, 30, tzinfo=UTC)
    for _ in range(3):
        book.take(charge(late, 1))
    assert book.standing_of(Measure.PEOPLE, OFFICER, late).left == 299
    assert book.standing_of(Measure.PEOPLE, OFFICER, late).frees_in_seconds == 30
    midnight = late + timedelta(seconds=30)
    assert vietnam_day(midnight) != vietnam_day(late)
    assert left(book.take(charge(midnight, 1)))[Measure.PEOPLE] == 299


def test_a_worker_whose_clock_is_behind_at_midnight_begins_no_count_anew() -> None:
    book = ledger(Limits(lookups=1000, people=10, misses=1000, agency_factor=1, client_factor=1))
    midnight = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)
    behind, ahead = midnight - timedelta(seconds=2), midnight + timedelta(seconds=2)
    assert vietnam_day(behind) != vietnam_day(ahead)
    taken = [book.take(charge((behind, ahead)[number % 2], number)) for number in range(40)]
    # The first was still of the day before.
    assert sum(not isinstance(outcome, Refusal) for outcome in taken) == 11


def test_people_of_a_clock_that_was_days_ahead_bar_nobody() -> None:
    book = ledger(Limits(lookups=1000, people=2, misses=1000, agency_factor=1, client_factor=1))
    book.take(charge(NOON + timedelta(days=2), 1, 2))
    assert not isinstance(book.take(charge(NOON, 3)), Refusal)


def test_members_of_a_household_count_as_people_and_too_many_are_refused_at_once() -> None:
    book = ledger(Limits(lookups=30, people=10, misses=15, agency_factor=1, client_factor=1))
    book.take(charge(NOON, *range(6)))
    refusal = book.take(charge(NOON, *range(20, 25)))
    assert isinstance(refusal, Refusal)
    assert refusal.measure is Measure.PEOPLE
    assert refusal.retry_after_seconds == 12 * 3600
    assert not isinstance(book.take(charge(NOON, *range(20, 24))), Refusal)


def test_people_whom_the_database_knows_are_not_counted_again() -> None:
    book = Ledger(LIMITS, {}, [(OFFICER, vietnam_day(NOON), person(1))])
    book.take(charge(NOON, 1))
    assert book.standing_of(Measure.PEOPLE, OFFICER, NOON).left == 300
    assert book.standing_of(Measure.PEOPLE, AGENCY, NOON).left == 2999


def test_after_too_many_misses_lookups_are_refused_until_the_misses_are_old() -> None:
    book = ledger()
    for _ in range(15):
        book.take(charge())
        outcome = book.take(Miss((OFFICER, AGENCY), NOON))
    assert left(outcome)[Measure.MISSES] == 0
    now = NOON + timedelta(minutes=2)
    refusal = book.take(charge(now))
    assert isinstance(refusal, Refusal)
    assert refusal.measure is Measure.MISSES
    assert 480 <= refusal.retry_after_seconds <= 530
    assert not isinstance(book.take(charge(now + timedelta(seconds=refusal.retry_after_seconds))), Refusal)


def test_a_miss_is_never_refused() -> None:
    book = ledger()
    for _ in range(20):
        outcome = book.take(Miss((OFFICER,), NOON))
        assert not isinstance(outcome, Refusal)


@pytest.mark.parametrize(
    ("kind", "lookups"), [(HolderKind.OFFICER, 30), (HolderKind.AGENCY, 300), (HolderKind.CLIENT, 3000)]
)
def test_an_agency_has_ten_and_a_client_a_hundred_times_an_officers_budget(
    kind: HolderKind, lookups: int
) -> None:
    assert LIMITS.of(Measure.LOOKUPS, kind) == lookups


def test_only_those_who_take_part_are_holders() -> None:
    assert holders_of(officer="a", agency="H24", client=None) == (
        Holder(HolderKind.OFFICER, "a"),
        Holder(HolderKind.AGENCY, "H24"),
    )
