"""Words that the wire formats, the channel to the register and the adapter over both have in common."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from app.adapters.population.port import HouseholdAnswer, KnownPerson, LookupContext
from app.domain.citizen import Citizen
from app.domain.claim import IdentityClaim
from app.domain.identity_number import IdentityNumber


class Operation(StrEnum):
    """What is asked upstream; each has its own circuit."""

    VERIFY = "verify"
    SHARE = "share"
    HOUSEHOLD = "household"


@dataclass(frozen=True, slots=True)
class Question:
    """One question ready to be sent; `request_id` is the call's (MaYeuCau), to name it by in the log."""

    operation: Operation
    request_id: str
    url: str
    headers: Mapping[str, str]
    body: bytes = field(repr=False)


class Wire(Protocol):
    """A way to write questions and to read answers; pure, and bounded by the size of what it is given.

    All readers raise:
        PopulationDatabaseRefusedError: the answer says 004 or 005, whatever the HTTP status was.
        PopulationDatabaseMismatchError: it is about another person.
        PopulationDatabaseError: it cannot be understood, or says that something else went wrong.
    """

    def verification(self, claim: IdentityClaim, context: LookupContext) -> Question:
        """Write the question whether the claim is a person."""
        ...

    def record(self, claim: IdentityClaim, context: LookupContext) -> Question:
        """Write the question for the record of the claimed person."""
        ...

    def record_by_number(self, number: IdentityNumber, context: LookupContext) -> Question:
        """Write the question for a record by number alone."""
        ...

    def household(
        self, head: IdentityClaim, members: tuple[IdentityNumber, ...], context: LookupContext
    ) -> Question:
        """Write the question about a household."""
        ...

    def read_verification(self, body: bytes, claim: IdentityClaim) -> KnownPerson | None:
        """Read whether the claimed person exists."""
        ...

    def read_record(self, body: bytes, claim: IdentityClaim) -> Citizen | None:
        """Read the record of the claimed person; None if the claim as a whole is nobody's."""
        ...

    def read_record_by_number(self, body: bytes, number: IdentityNumber) -> Citizen | None:
        """Read the record of the person with the number."""
        ...

    def read_household(
        self, body: bytes, head: IdentityClaim, members: tuple[IdentityNumber, ...]
    ) -> HouseholdAnswer:
        """Read the answer about a household, its members in the order asked."""
        ...

    def raise_refusal(self, body: bytes) -> None:
        """Raise PopulationDatabaseRefusedError if the body of a failed answer says 004 or 005.

        Returns if it says anything else or cannot be read.
        """
        ...


class CircuitState(StrEnum):
    """Whether an operation is asked at all: yes, one probe at a time, or not for a while."""

    CLOSED = "closed"
    HALF_OPEN = "half_open"
    OPEN = "open"


class CallObserver(Protocol):
    """Who wants to know how calls end; must not raise, and gets nothing personal."""

    def call_ended(self, operation: Operation, *, outcome: str, seconds: float) -> None:
        """Note one call: `outcome` is `answered`, `cancelled` or the code of the error that ended it."""
        ...

    def circuit_changed(self, operation: Operation, state: CircuitState) -> None:
        """Note a circuit's new state."""
        ...
