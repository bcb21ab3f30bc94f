"""How many cases there were, how far they have come, and how many were done in time."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class CaseGrouping(StrEnum):
    """By what cases are counted."""

    STATUS = "status"
    PROCEDURE = "procedure"
    AGENCY = "agency"
    DAY = "day"
    OFFICER = "officer"


MOST_SUPPLEMENTS_IN_TIME: Final = 1
"""A second request for a supplement makes a case late whenever it ends (index set 766 of the Government)."""


@dataclass(frozen=True, slots=True)
class CaseReportRow:
    """Cases of one group that were received in a span, as they stand now.

    In time is what was completed by its due date with at most one request for a supplement. Cases that ended
    otherwise, rejected, withdrawn or stopped, are only in `received`.
    """

    group: str
    received: int
    in_progress: int
    completed_on_time: int
    completed_late: int
    overdue_now: int
