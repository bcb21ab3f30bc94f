"""What a step of a case's status does to its dates."""

from dataclasses import replace
from datetime import timedelta

import pytest

from app.domain.case_progress import CaseProgress, stepped
from app.domain.case_status import CaseStatus, allowed_next, may_follow
from app.domain.holidays_vn import YEARS, vietnamese_calendar
from app.domain.working_time import DEFAULT_PERIODS, MONDAY_TO_FRIDAY
from tests.unit.domain.moments import at

CALENDAR = vietnamese_calendar(YEARS, periods=DEFAULT_PERIODS, weekdays=MONDAY_TO_FRIDAY)


# A Monday; three working days later is Thursday at the same time.
RECEIVED = CaseProgress(
    status=CaseStatus.RECEIVED,
    due_at=at("2026-11-27T08:00"),
    returned_at=None,
    ended_at=None,
    supplement_since=None,
    supplement_requests=0,
)


def walk(progress: CaseProgress, *steps: tuple[str, str]) -> CaseProgress:
    for target, moment in steps:
        assert may_follow(progress.status, CaseStatus(target)), (progress.status, target)
        progress = stepped(progress, CaseStatus(target), processing_days=3, now=at(moment), calendar=CALENDAR)
    return progress


def test_an_online_case_gets_its_due_date_when_it_is_received() -> None:
    submitted = replace(RECEIVED, status=CaseStatus.SUBMITTED, due_at=None)
    assert walk(submitted, ("received", "2026-11-25T08:00")).due_at == at("2026-11-30T08:00")
    assert walk(submitted, ("rejected", "2026-11-25T08:00")).due_at is None


@pytest.mark.parametrize(
    ("since", "until", "due"),
    [
        # Two hours within a morning, a night between, a weekend between, and only outside working hours.
        ("2026-11-23T08:00", "2026-11-23T10:00", "2026-11-27T10:00"),
        ("2026-11-23T16:00", "2026-11-25T08:30", "2026-11-27T10:00"),
        ("2026-11-27T16:30", "2026-11-30T08:00", "2026-11-27T09:00"),
        ("2026-11-28T08:00", "2026-11-29T17:00", "2026-11-27T08:00"),
        # Three and a half hours from 08:00 end with the morning; four go on after lunch.
        ("2026-11-25T07:30", "2026-11-25T11:00", "2026-11-27T11:30"),
        ("2026-11-25T07:30", "2026-11-25T11:30", "2026-11-27T13:30"),
    ],
)
def test_working_hours_spent_waiting_for_a_supplement_are_added(since: str, until: str, due: str) -> None:
    # 24 November 2026 is a public holiday.
    waited = walk(RECEIVED, ("supplement_requested", since))
    assert (waited.supplement_since, waited.due_at) == (at(since), RECEIVED.due_at)
    for target in ("in_progress", "withdrawn", "stopped"):
        resumed = walk(waited, (target, until))
        assert (resumed.due_at, resumed.supplement_since) == (at(due), None)


def test_every_request_for_a_supplement_is_counted_and_adds_its_own_wait() -> None:
    twice = walk(
        RECEIVED,
        ("supplement_requested", "2026-11-23T08:00"),
        ("in_progress", "2026-11-23T09:00"),
        ("supplement_requested", "2026-11-23T10:00"),
        ("in_progress", "2026-11-23T11:00"),
    )
    assert (twice.supplement_requests, twice.due_at) == (2, at("2026-11-27T10:00"))


def test_a_due_date_at_closing_time_stays_there_when_nothing_was_waited() -> None:
    closing = replace(RECEIVED, due_at=at("2026-11-27T17:00"))
    resumed = walk(closing, ("supplement_requested", "2026-11-28T08:00"), ("in_progress", "2026-11-28T09:00"))
    assert resumed.due_at == at("2026-11-27T17:00")


def test_a_clock_that_goes_back_takes_nothing_away() -> None:
    waited = walk(RECEIVED, ("supplement_requested", "2026-11-25T10:00"))
    assert walk(waited, ("in_progress", "2026-11-25T08:00")).due_at == RECEIVED.due_at


def test_the_work_ends_once_and_the_result_is_handed_out_later() -> None:
    done = walk(RECEIVED, ("in_progress", "2026-11-23T09:00"), ("completed", "2026-11-25T09:00"))
    assert (done.ended_at, done.returned_at) == (at("2026-11-25T09:00"), None)
    returned = walk(done, ("returned", "2026-11-26T09:00"))
    assert (returned.ended_at, returned.returned_at) == (at("2026-11-25T09:00"), at("2026-11-26T09:00"))


def test_every_end_is_dated_and_only_a_hand_out_is_a_return() -> None:
    for status in CaseStatus:
        for target in allowed_next(status):
            now = at("2026-11-25T09:00")
            start = replace(
                RECEIVED,
                status=status,
                supplement_since=now - timedelta(hours=1)
                if status is CaseStatus.SUPPLEMENT_REQUESTED
                else None,
            )
            after = stepped(start, target, processing_days=3, now=now, calendar=CALENDAR)
            is_end = target.value in {"rejected", "withdrawn", "stopped", "completed"}
            assert (after.ended_at is not None) == is_end
            assert (after.returned_at is not None) == (target is CaseStatus.RETURNED)
            assert (after.supplement_since is not None) == (target is CaseStatus.SUPPLEMENT_REQUESTED)
