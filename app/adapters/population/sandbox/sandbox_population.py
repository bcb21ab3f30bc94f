"""The invented people of the sandbox: one file, indexed by number, its records read when asked for.

Only the indexes are in memory, some 35 bytes a person, so that a million people fit beside the service.
"""

import os
from array import array
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import BinaryIO, NamedTuple

from pydantic import ValidationError

from app.adapters.population.sandbox.number_index import MOST_PEOPLE, NumberIndex
from app.adapters.population.sandbox.records import PersonRecord
from app.domain.identity_number import IdentityNumber
from app.errors import PopulationDatabaseError

NOBODY = MOST_PEOPLE
"""Stands for a head in `HouseholdIndex.heads` where a person is in no household."""


class ScriptedFault(StrEnum):
    """What a lookup of certain numbers does, whatever name and date are; the file's `about` tells more."""

    TIMEOUT = "timeout"
    UNAVAILABLE = "unavailable"
    PROCEDURE_REFUSED = "procedure_refused"
    OFFICER_REFUSED = "officer_refused"
    ANSWERS_WITH_ANOTHER_PERSON = "answers_with_another_person"
    GARBAGE = "garbage"
    SLOW_2_SECONDS = "slow_2_seconds"
    PARTIAL_HOUSEHOLD = "partial_household"


@dataclass(frozen=True, slots=True)
class RecordIndex:
    """Where each person's record stands in the file, by position, and the position by number."""

    starts: "array[int]"
    lengths: "array[int]"
    by_number: NumberIndex
    by_old_number: NumberIndex


@dataclass(frozen=True, slots=True)
class HouseholdIndex:
    """For each position the head's position, and the place of the relationship code in `codes`."""

    heads: "array[int]"
    relations: bytearray
    codes: tuple[str, ...]


class Membership(NamedTuple):
    """A person's place in a household: the head's position, and the relation to the head."""

    head: int
    relationship_code: str


class SandboxPopulation:
    """The people of one file. Keeps the file open; `people` are known by their positions in it."""

    def __init__(
        self,
        file: BinaryIO,
        *,
        records: RecordIndex,
        households: HouseholdIndex,
        relationship_labels: Mapping[str, str],
        scripted: Mapping[str, ScriptedFault],
    ) -> None:
        self._file = file
        self._records = records
        self._households = households
        self._scripted = scripted
        self.relationship_labels = relationship_labels

    def __len__(self) -> int:
        """Count the people."""
        return len(self._records.starts)

    def position(self, number: IdentityNumber) -> int | None:
        """Find a person by the new or the old number."""
        index = self._records.by_old_number if number.is_old else self._records.by_number
        return index.position(int(number.value))

    def decoy(self, number: IdentityNumber) -> int:
        """Name somebody to read in place of a number that nobody has, so that both take the same time."""
        return int(number.value) % len(self)

    def person(self, position: int) -> PersonRecord:
        """Read a person's record.

        Raises:
            PopulationDatabaseError: the file is not what it was at start.
        """
        start, length = self._records.starts[position], self._records.lengths[position]
        try:
            return PersonRecord.model_validate_json(os.pread(self._file.fileno(), length, start))
        except (OSError, ValidationError) as exc:
            raise PopulationDatabaseError from exc

    def membership(self, position: int) -> Membership | None:
        """Tell in whose household a person is; heads are in their own."""
        head = self._households.heads[position]
        if head == NOBODY:
            return None
        return Membership(head, self._households.codes[self._households.relations[position]])

    def scripted_fault(self, number: IdentityNumber) -> ScriptedFault | None:
        """Tell what a lookup of this number is to do instead of answering, if anything."""
        return self._scripted.get(number.value)
