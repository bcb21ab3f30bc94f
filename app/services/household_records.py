"""Checks a household by reading everybody's own record, where the register has no such operation.

Each record read is a lookup of its own, on record about the person it concerns. Legally heavier than the one
operation, so a setting allows it, and off by default.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Final
from uuid import uuid4

from app.adapters.population.port import (
    HeadResult,
    HouseholdAnswer,
    KnownPerson,
    MemberResult,
    PopulationDatabase,
)
from app.domain.audit_event import Subject
from app.domain.citizen import Citizen
from app.domain.claim import IdentityClaim
from app.domain.code_lists import HEAD_HIMSELF
from app.domain.identity_number import IdentityNumber
from app.domain.lookup import NOT_FOUND
from app.errors import PopulationDatabaseError
from app.services.lookup_journal import LookupJournal, OpenedLookup

_AT_ONCE: Final = 4
"""Records of one household that are read at the same time: few, for others wait for the register too."""

READING_SECONDS: Final = 60.0
"""How long members' records go on being begun; whoever is left then is unknown."""


class HouseholdRecords:
    """Finds out who heads a household and who belongs to it from the people's own records.

    The lookup's own place is good for one question at a time. All households together may have as many more
    under way as `extra_questions` says; one that finds none free goes on with its own.
    """

    def __init__(
        self, population: PopulationDatabase, journal: LookupJournal, *, extra_questions: int
    ) -> None:
        self._population = population
        self._journal = journal
        self._extra = asyncio.Semaphore(extra_questions)

    async def check(
        self, whole: OpenedLookup, head: IdentityClaim, members: Sequence[IdentityNumber]
    ) -> HouseholdAnswer:
        """Answer as the one operation would; a member whose record is unread or decides nothing is unknown.

        Raises:
            PopulationDatabaseError: the head's own record cannot be read, or decides nothing.
            AuditUnavailableError: a record read could not be put on record.
        """
        unknown = (MemberResult.UNKNOWN,) * len(members)
        citizen = await self._head(whole, head)
        if citizen is None:
            return HouseholdAnswer(HeadResult.NOT_FOUND, None, unknown)
        person = KnownPerson.of(citizen)
        is_head = _is_head(citizen)
        if is_head is None:
            # A head has no result that leaves it open, as a member has.
            raise PopulationDatabaseError
        if not is_head:
            return HouseholdAnswer(HeadResult.NOT_HEAD, person, unknown)
        results = await self._members(whole, citizen, members)
        return HouseholdAnswer(HeadResult.CONFIRMED, person, results)

    async def _members(
        self, whole: OpenedLookup, head: Citizen, members: Sequence[IdentityNumber]
    ) -> tuple[MemberResult, ...]:
        results = [MemberResult.UNKNOWN] * len(members)
        unread = iter(enumerate(members))
        clock = asyncio.get_running_loop().time
        ends_at = clock() + READING_SECONDS

        async def read() -> None:
            for position, number in unread:
                if clock() >= ends_at:
                    return
                results[position] = await self._member(whole, head, number)

        async def help_to_read() -> None:
            if not self._extra.locked():
                async with self._extra:
                    await read()

        helpers = (help_to_read() for _ in range(_AT_ONCE - 1))
        # Every lookup that was opened is closed before the first failure is raised.
        for ended in await asyncio.gather(read(), *helpers, return_exceptions=True):
            if ended is not None:
                raise ended
        return tuple(results)

    async def _head(self, whole: OpenedLookup, head: IdentityClaim) -> Citizen | None:
        # The id that the answer will name is the one of this question.
        part = await self._journal.open_part(whole, Subject("head", head.id_number.value), whole.context)
        citizen = await self._journal.ask(part, self._population.find_citizen(head, part.context))
        person = KnownPerson.of(citizen) if citizen else None
        await self._journal.close(part, "found" if citizen else NOT_FOUND, person=person)
        return citizen

    async def _member(self, whole: OpenedLookup, head: Citizen, number: IdentityNumber) -> MemberResult:
        context = replace(whole.context, request_id=str(uuid4()))
        part = await self._journal.open_part(whole, Subject("member", number.value), context)
        try:
            citizen = await self._journal.ask(part, self._population.find_by_number(number, part.context))
        except PopulationDatabaseError:
            return MemberResult.UNKNOWN
        person = KnownPerson.of(citizen) if citizen else None
        await self._journal.close(part, "found" if citizen else NOT_FOUND, person=person)
        return MemberResult.NOT_MEMBER if citizen is None else _told(head, citizen)


def _is_head(citizen: Citizen) -> bool | None:
    """Tell whether a record names its own person as head, by the relation or by the number; None: open."""
    named = citizen.household_head
    relationship = None if named is None else named.relationship
    if relationship is not None and relationship.code == HEAD_HIMSELF:
        return True
    told = _told(citizen, citizen)
    if told is MemberResult.UNKNOWN:
        return None if relationship is None else False
    return told is MemberResult.MEMBER


def _told(head: Citizen, citizen: Citizen) -> MemberResult:
    """Tell what a record says of its person and this head: a no only if it names none, or another number.

    A head of whom it tells just the name, or a number of the kind that the head's own record lacks, may be
    this one. So may one for whom a record of shape B has no place.
    """
    named = citizen.household_head
    if named is None:
        return MemberResult.NOT_MEMBER if citizen.tells_household_head else MemberResult.UNKNOWN
    pairs = ((head.id_number, named.id_number), (head.old_id_number, named.old_id_number))
    compared = [own == told for own, told in pairs if own is not None and told is not None]
    if not compared:
        return MemberResult.UNKNOWN
    return MemberResult.MEMBER if any(compared) else MemberResult.NOT_MEMBER
