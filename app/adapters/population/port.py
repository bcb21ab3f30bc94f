"""What the services ask of the National Population Database, in words of the domain.

Knows nothing of any wire format; the adapters beside it do.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal, Protocol

from app.domain.citizen import Citizen, LifeStatus
from app.domain.claim import IdentityClaim
from app.domain.identity_number import IdentityNumber
from app.domain.lookup_kind import LookupKind


@dataclass(frozen=True, slots=True)
class LookupContext:
    """On whose behalf and why the register is asked; sent upstream with every call.

    `request_id` is unique for each call (MaYeuCau), `service_code` the procedure's national code (MaDVC),
    `officer_id_number` the officer's own 12-digit number (MaCanBo), `unit_code` the agency (MaDonVi) and
    `account` the officer's user name (TaiKhoan).
    """

    request_id: str
    service_code: str
    officer_id_number: str = field(repr=False)
    unit_code: str
    account: str


@dataclass(frozen=True, slots=True)
class KnownPerson:
    """A person whom the register confirmed: what of the record an answer may carry besides the fact.

    `id_numbers` are the numbers, new and old, that the answer itself carried; empty if it carried none.
    `life_status` is None if the answer did not tell.
    """

    id_numbers: tuple[str, ...] = field(repr=False)
    life_status: LifeStatus | None

    @classmethod
    def of(cls, citizen: Citizen) -> "KnownPerson":
        """Reduce a record to what a lookup's own records may hold of it."""
        numbers = (citizen.id_number, citizen.old_id_number)
        return cls(tuple(number for number in numbers if number), citizen.life_status)


class HeadResult(StrEnum):
    """Whether the person is the head of a household (chủ hộ)."""

    CONFIRMED = "confirmed"
    NOT_HEAD = "not_head"
    NOT_FOUND = "not_found"


class MemberResult(StrEnum):
    """Whether a person belongs to the head's household; `unknown` is never to be read as a no."""

    MEMBER = "member"
    NOT_MEMBER = "not_member"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class HouseholdAnswer:
    """The household check: `members` in the order asked; all `unknown` unless the head is confirmed.

    `person` is the head's record as far as the answer carries it; None if the claim was not found.
    """

    head: HeadResult
    person: KnownPerson | None
    members: tuple[MemberResult, ...]


@dataclass(frozen=True, slots=True)
class PopulationStatus:
    """How the way to the register looks right now; `retry_after_seconds` only while it is unavailable."""

    state: Literal["available", "degraded", "unavailable"]
    retry_after_seconds: int | None


HouseholdStrategy = Literal["operation", "records"]


class PopulationDatabase(Protocol):
    """The register. "No such person" is an answer; every failure is an error and never an answer.

    Each call is one question upstream, bounded in time. All calls raise:
        PopulationDatabaseError: it cannot be reached, or its answer cannot be understood.
        PopulationDatabaseTimeoutError: it did not answer in time.
        PopulationDatabaseUnavailableError: it was not asked, or asked to be left alone for a while.
        PopulationDatabaseRefusedError: it refuses this procedure or this officer.
        PopulationDatabaseMismatchError: it answered about another person.
    """

    @property
    def profile(self) -> str:
        """Name of the way to the register, as in the setting NPD_PROFILE."""
        ...

    @property
    def is_test_data(self) -> bool:
        """Whether the people behind it are invented."""
        ...

    @property
    def deadline_seconds(self) -> float:
        """Longest time in seconds that one call can take before it raises."""
        ...

    @property
    def household_strategy(self) -> HouseholdStrategy:
        """How households are checked: by `check_household`, or by `find_by_number` for each person."""
        ...

    def refuse_if_unavailable(self, kind: LookupKind) -> None:
        """Return if a question of this kind would be asked now.

        Raises:
            PopulationDatabaseUnavailableError: it would be refused at once. Nothing is reserved: a question
                asked after this has returned can still be refused.
        """
        ...

    async def verify(self, claim: IdentityClaim, context: LookupContext) -> KnownPerson | None:
        """Tell whether the claim as a whole is a person of the register; None if not."""
        ...

    async def find_citizen(self, claim: IdentityClaim, context: LookupContext) -> Citizen | None:
        """Return the record of the person whom the claim as a whole names; None if there is none."""
        ...

    async def find_by_number(self, number: IdentityNumber, context: LookupContext) -> Citizen | None:
        """Return the record of the person with this number, whatever the name; None if there is none.

        For household checks by the strategy `records` alone: it reads a full record without a claim.
        """
        ...

    async def check_household(
        self, head: IdentityClaim, members: Sequence[IdentityNumber], context: LookupContext
    ) -> HouseholdAnswer:
        """Tell whether the claimed person heads a household, and which members belong to it."""
        ...

    def status(self) -> PopulationStatus:
        """Tell how the way to the register looks, without asking it."""
        ...
