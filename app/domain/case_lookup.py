"""Which lookups may be tied to a case that is registered after them."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from app.domain.lookup import NOT_FOUND

LONGEST_AGE: Final = timedelta(hours=24)

# Results of lookups that the register answered; any other result is the code of a failure.
ANSWERS: Final = frozenset({"exists", "found", NOT_FOUND, "confirmed", "not_head"})


class TieRefusal(StrEnum):
    """Why a lookup cannot be tied to a case."""

    NOT_FOUND = "not-found"
    OTHER_PROCEDURE = "other-procedure"
    OTHER_CASE = "other-case"


def tie_refusal(
    *,
    is_own: bool,
    result: str,
    answered_at: datetime,
    is_same_procedure: bool,
    has_case: bool,
    now: datetime,
) -> TieRefusal | None:
    """Tell why a lookup cannot be tied, or None if it can.

    What another officer did comes first: nothing else about such a lookup may be told.
    """
    if not is_own or result not in ANSWERS or now - answered_at > LONGEST_AGE:
        return TieRefusal.NOT_FOUND
    if not is_same_procedure:
        return TieRefusal.OTHER_PROCEDURE
    return TieRefusal.OTHER_CASE if has_case else None
