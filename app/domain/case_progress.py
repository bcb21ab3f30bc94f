"""How far a case has come, and what a step of its status does to its dates."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from app.domain.case_status import CaseStatus, is_ended
from app.domain.working_time import WorkCalendar

_NOTHING: Final = timedelta(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseProgress:
    """A case's status and the dates that follow from its steps.

    `ended_at` is when the work ended; handing the result out later does not move it. `supplement_since` is
    set while the case waits for a supplement, and stops its clock.
    """

    status: CaseStatus
    due_at: datetime | None
    returned_at: datetime | None
    ended_at: datetime | None
    supplement_since: datetime | None
    supplement_requests: int


def stepped(
    progress: CaseProgress,
    target: CaseStatus,
    *,
    processing_days: int,
    now: datetime,
    calendar: WorkCalendar,
) -> CaseProgress:
    """Take a step that the table of statuses allows.

    The count of an online case's days begins when it is received. The working time that a case spent waiting
    for a supplement is added to its due date when the wait ends, however it ends.
    """
    due_at = progress.due_at
    if progress.status is CaseStatus.SUBMITTED and target is CaseStatus.RECEIVED:
        due_at = calendar.due_at(now, processing_days)
    if progress.supplement_since is not None and due_at is not None:
        due_at = _later(due_at, calendar.working_time_between(progress.supplement_since, now), calendar)
    is_waiting = target is CaseStatus.SUPPLEMENT_REQUESTED
    ends_now = is_ended(target) and not is_ended(progress.status)
    return replace(
        progress,
        status=target,
        due_at=due_at,
        returned_at=now if target is CaseStatus.RETURNED else progress.returned_at,
        ended_at=now if ends_now else progress.ended_at,
        supplement_since=now if is_waiting else None,
        supplement_requests=progress.supplement_requests + is_waiting,
    )


def _later(due_at: datetime, waited: timedelta, calendar: WorkCalendar) -> datetime:
    # Nothing added leaves a due date at closing time where it is; so does a clock that went back.
    return due_at if waited <= _NOTHING else calendar.add_working_hours(due_at, waited)
