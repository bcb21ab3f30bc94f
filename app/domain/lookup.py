"""The values of a lookup: why it is made, what the officer is warned of, what came of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from app.domain.citizen import LifeStatus
from app.domain.claim import IdentityClaim
from app.domain.identity_number import IdentityNumber
from app.domain.lookup_budget import Standing

NOT_FOUND: Final = "not_found"
"""Result of a lookup for which the register has nobody: a miss, which budgets and reports count."""


@dataclass(frozen=True, slots=True)
class Purpose:
    """Why a lookup is made: for a procedure, for a case, or both; `note` is the officer's free text."""

    procedure_code: str | None
    receipt_number: str | None
    note: str | None = field(repr=False)


class LookupWarning(StrEnum):
    """What an officer should look at twice (cảnh báo); never a reason to refuse."""

    OLD_ID_NUMBER = "old-id-number"
    IMPLAUSIBLE_ID_NUMBER = "implausible-id-number"
    PERSON_DECEASED = "person-deceased"
    PERSON_MISSING = "person-missing"


@dataclass(frozen=True, slots=True)
class LookupReceipt:
    """What every answered lookup carries: its id, the question's id upstream, and its place in the log.

    `budgets` say what the caller has left after it; empty where budgets are off.
    """

    lookup_id: UUID
    upstream_request_id: str
    answered_at: datetime
    sequence: int
    tree_size: int
    root: bytes = field(repr=False)
    budgets: tuple[Standing, ...] = ()


def warnings_of(
    claim: IdentityClaim, life_status: LifeStatus | None, *, members: Sequence[IdentityNumber] = ()
) -> tuple[LookupWarning, ...]:
    """Collect the warnings for a claim and, if the register knows the person, for the record.

    The first two depend on the question alone, the claim and the `members` asked for with it, so they tell
    nothing about what the register holds.
    """
    found = {
        LookupWarning.OLD_ID_NUMBER: any(number.is_old for number in (claim.id_number, *members)),
        LookupWarning.IMPLAUSIBLE_ID_NUMBER: claim.id_number.contradicts(claim.birth_date),
        LookupWarning.PERSON_DECEASED: life_status is LifeStatus.DECEASED,
        LookupWarning.PERSON_MISSING: life_status is LifeStatus.MISSING,
    }
    return tuple(warning for warning, applies in found.items() if applies)
