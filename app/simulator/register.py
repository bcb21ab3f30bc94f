"""The register behind the wire: whom a question finds among the invented people, and what is known."""

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from app.adapters.population.sandbox.records import PersonRecord
from app.adapters.population.sandbox.sandbox_population import SandboxPopulation, ScriptedFault
from app.domain.identity_number import IdentityNumber
from app.domain.person_name import NameForm, PersonName
from app.simulator.asked import Asked, Claim, Operation

_KEPT_RECORDS: Final = 20_000


@dataclass(frozen=True, slots=True)
class Head:
    """The head of somebody's household, and the code of the relation to him."""

    person: PersonRecord = field(repr=False)
    relationship_code: str


@dataclass(frozen=True, slots=True)
class Record:
    """A person's record with the head of the household; None without one."""

    person: PersonRecord = field(repr=False)
    head: Head | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the register says. Members that it has nothing to say of are left out."""

    operation: Operation
    record: Record | None
    is_head: bool = False
    members: tuple[tuple[str, bool], ...] = field(default=(), repr=False)


class Register:
    """Finds people by questions; names compare in the one form that the simulator expects."""

    def __init__(self, population: SandboxPopulation, name_form: NameForm) -> None:
        self._population = population
        self._form = name_form
        # Reading a record costs more than all the rest of an answer.
        self._record = lru_cache(maxsize=_KEPT_RECORDS)(self._read)

    def scripted_fault(self, claim: Claim) -> ScriptedFault | None:
        """Tell what a question about this number is to do instead of being answered, if anything."""
        return self._population.scripted_fault(IdentityNumber(claim.number))

    def answer(self, asked: Asked, *, misfits_too: bool) -> Verdict:
        """Answer a question. With `misfits_too` the number alone decides, whatever name and date are."""
        position = self._population.position(IdentityNumber(asked.claim.number))
        record = None if position is None else self._record(position)
        if position is None or record is None or not (misfits_too or self._fits(asked.claim, record.person)):
            return Verdict(asked.operation, None)
        return self._verdict(asked, position, record)

    def answer_with_another(self, asked: Asked) -> Verdict:
        """Answer as if somebody else had been asked for."""
        own = self._population.position(IdentityNumber(asked.claim.number))
        another = next(position for position in range(len(self._population)) if position != own)
        return self._verdict(asked, another, self._record(another))

    def _verdict(self, asked: Asked, position: int, record: Record) -> Verdict:
        membership = self._population.membership(position)
        is_head = membership is not None and membership.head == position
        members = tuple(
            (number, self._is_member(position, number))
            for number in asked.members
            if self._population.scripted_fault(IdentityNumber(number)) is not ScriptedFault.PARTIAL_HOUSEHOLD
        )
        return Verdict(asked.operation, record, is_head, members if is_head else ())

    def _is_member(self, head: int, number: str) -> bool:
        position = self._population.position(IdentityNumber(number))
        membership = None if position is None else self._population.membership(position)
        return membership is not None and membership.head == head

    def _read(self, position: int) -> Record:
        membership = self._population.membership(position)
        person = self._population.person(position)
        if membership is None:
            return Record(person, None)
        head = person if membership.head == position else self._population.person(membership.head)
        return Record(person, Head(head, membership.relationship_code))

    def _fits(self, claim: Claim, person: PersonRecord) -> bool:
        if claim.full_name is None or claim.birth is None:
            return True
        is_name = _compared(claim.full_name, self._form) == _compared(person.full_name, self._form)
        recorded = person.birth_date.replace("-", "")
        # A year fits whatever more is known; a day fits only the same day.
        is_date = recorded == claim.birth or (len(claim.birth) == len("yyyy") and recorded[:4] == claim.birth)
        return is_name and is_date


def _compared(name: str, form: NameForm) -> str:
    match form:
        case NameForm.AS_IS | NameForm.UPPER:
            return PersonName(name).comparison_key
        case NameForm.UPPER_NO_DIACRITICS:
            return PersonName(name).folded
        case NameForm.UPPER_NO_DIACRITICS_NO_BLANKS:
            return PersonName(name).folded.replace(" ", "")
