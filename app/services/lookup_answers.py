"""What the lookups answer to their caller; never stored."""

from dataclasses import dataclass, field

from app.adapters.population.port import HeadResult, MemberResult
from app.domain.citizen import Citizen
from app.domain.identity_number import IdentityNumber
from app.domain.lookup import LookupReceipt, LookupWarning


@dataclass(frozen=True, slots=True)
class IdCardAnswer:
    """Whether the claim as a whole is a person of the register."""

    receipt: LookupReceipt
    exists: bool
    warnings: tuple[LookupWarning, ...]


@dataclass(frozen=True, slots=True)
class HouseholdHeadAnswer:
    """Whether the claimed person heads a household, and each member's standing, in the order asked."""

    receipt: LookupReceipt
    head: HeadResult
    members: tuple[tuple[IdentityNumber, MemberResult], ...]
    warnings: tuple[LookupWarning, ...]


@dataclass(frozen=True, slots=True)
class CitizenShareAnswer:
    """The record, of which only `fields` may be given out; None if the claim is no person's."""

    receipt: LookupReceipt
    citizen: Citizen | None = field(repr=False)
    fields: tuple[str, ...]
    warnings: tuple[LookupWarning, ...]
