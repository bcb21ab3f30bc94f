"""The population database over the network: a wire format to write and read, a channel to ask through."""

from collections.abc import Sequence
from typing import Final
from urllib.parse import urlsplit

from app.adapters.population.channel.channel import Channel
from app.adapters.population.port import (
    HouseholdAnswer,
    HouseholdStrategy,
    KnownPerson,
    LookupContext,
    PopulationStatus,
)
from app.adapters.population.upstream import Operation, Wire
from app.domain.citizen import Citizen
from app.domain.claim import IdentityClaim
from app.domain.identity_number import IdentityNumber
from app.domain.lookup_kind import LookupKind
from app.settings.npd import NpdProfile

SIMULATOR_PATH: Final = "/motcua-npd-simulator/"
"""Where the simulator's addresses begin; no operator's service has such a path."""

_OPERATIONS: Final = {
    LookupKind.ID_CARD: Operation.VERIFY,
    LookupKind.CITIZEN_SHARE: Operation.SHARE,
}


class RemotePopulationDatabase:
    """A `PopulationDatabase` that asks the register itself, or the simulator."""

    def __init__(
        self,
        *,
        profile: NpdProfile,
        wire: Wire,
        channel: Channel,
        url: str,
        household_strategy: HouseholdStrategy,
    ) -> None:
        self._profile = profile
        self._wire = wire
        self._channel = channel
        self._is_test_data = urlsplit(url).path.startswith(SIMULATOR_PATH)
        self._household_strategy = household_strategy

    @property
    def profile(self) -> str:
        """Name of the way to the register."""
        return self._profile

    @property
    def is_test_data(self) -> bool:
        """Whether it is the simulator that answers."""
        return self._is_test_data

    @property
    def deadline_seconds(self) -> float:
        """Longest time in seconds that one call can take, waiting for its turn included."""
        return self._channel.deadline_seconds

    @property
    def household_strategy(self) -> HouseholdStrategy:
        """How households are checked."""
        return self._household_strategy

    def status(self) -> PopulationStatus:
        """Tell what the circuits say."""
        return self._channel.status()

    def refuse_if_unavailable(self, kind: LookupKind) -> None:
        """Raise if a question of this kind would be refused at once."""
        self._channel.refuse_if_unavailable(_OPERATIONS.get(kind, self._household_operation))

    async def verify(self, claim: IdentityClaim, context: LookupContext) -> KnownPerson | None:
        """Tell whether the claim as a whole is a person of the register."""
        return await self._channel.ask(
            self._wire.verification(claim, context), lambda body: self._wire.read_verification(body, claim)
        )

    async def find_citizen(self, claim: IdentityClaim, context: LookupContext) -> Citizen | None:
        """Return the record of the person whom the claim as a whole names."""
        return await self._channel.ask(
            self._wire.record(claim, context), lambda body: self._wire.read_record(body, claim)
        )

    async def find_by_number(self, number: IdentityNumber, context: LookupContext) -> Citizen | None:
        """Return the record of the person with this number."""
        return await self._channel.ask(
            self._wire.record_by_number(number, context),
            lambda body: self._wire.read_record_by_number(body, number),
        )

    async def check_household(
        self, head: IdentityClaim, members: Sequence[IdentityNumber], context: LookupContext
    ) -> HouseholdAnswer:
        """Tell whether the claimed person heads a household, and which members belong to it."""
        asked = tuple(members)
        return await self._channel.ask(
            self._wire.household(head, asked, context),
            lambda body: self._wire.read_household(body, head, asked),
        )

    @property
    def _household_operation(self) -> Operation:
        return Operation.SHARE if self._household_strategy == "records" else Operation.HOUSEHOLD
