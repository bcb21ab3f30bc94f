"""Reads a population file once, whole and strictly, and makes the indexes over it.

A file that breaks a rule does not load: wrong sandbox data would look like wrong answers of the service.
"""

import re
from array import array
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Final, TypeVar

from pydantic import TypeAdapter, ValidationError

from app.adapters.population.sandbox.json_pieces import Piece, PieceError, read_pieces
from app.adapters.population.sandbox.number_index import MOST_PEOPLE, NumberIndex
from app.adapters.population.sandbox.records import HouseholdRecord, Number, PersonRecord
from app.adapters.population.sandbox.sandbox_population import (
    NOBODY,
    HouseholdIndex,
    RecordIndex,
    SandboxPopulation,
    ScriptedFault,
)
from app.domain.code_lists import HEAD_HIMSELF

_PERSON: Final = TypeAdapter(PersonRecord)
_HOUSEHOLD: Final = TypeAdapter(HouseholdRecord)
_LABELS: Final = TypeAdapter(dict[str, str])
_SCRIPTED: Final = TypeAdapter(dict[Number, ScriptedFault])
_FIELD_NAME: Final = re.compile(r"[a-z_]+")
_MOST_CODES: Final = 256

Shape = TypeVar("Shape")


class PopulationFileError(Exception):
    """The population file cannot be used. The text tells file and place, and holds nothing personal."""


@contextmanager
def open_population(path: Path) -> Iterator[SandboxPopulation]:
    """Give the people of the file, which stays open meanwhile. Members of the file other than ours are left.

    Raises:
        PopulationFileError: the file cannot be read, or breaks a rule.
    """
    try:
        file = path.open("rb")
    except OSError as exc:
        raise PopulationFileError(f"{path.name}: cannot be read: {exc.strerror}") from exc
    with file:
        try:
            population = _Loading(file).finish()
        except (PieceError, _RuleError) as exc:
            raise PopulationFileError(f"{path.name}: {exc}") from exc
        yield population


def check_population(path: Path) -> None:
    """Look whether the file can be read and begins as one of ours does; the rest shows when it is opened.

    Raises:
        PopulationFileError: it cannot, or does not.
    """
    try:
        with path.open("rb") as file:
            beginning = file.read(64).lstrip()
    except OSError as exc:
        raise PopulationFileError(f"{path.name}: cannot be read: {exc.strerror}") from exc
    if not beginning.startswith(b"{"):
        raise PopulationFileError(f"{path.name}: no JSON object")


class _RuleError(Exception):
    """A value of the file breaks a rule; the text tells its place."""


class _Loading:
    """What has been read so far."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._starts, self._lengths = array("Q"), array("I")
        self._by_number, self._by_old_number = NumberIndex(), NumberIndex()
        self._labels: dict[str, str] | None = None
        self._scripted: dict[str, ScriptedFault] = {}
        # Households may come before the people they name, so their numbers wait here.
        self._waiting_heads, self._waiting_people = array("Q"), array("Q")
        self._waiting_relations, self._waiting_places = bytearray(), array("I")
        self._codes = {HEAD_HIMSELF: 0}

    def finish(self) -> SandboxPopulation:
        """Read the file to its end and put the indexes together."""
        for piece in read_pieces(self._file):
            match piece.member:
                case "citizens":
                    self._add_person(piece)
                case "households":
                    self._add_household(piece)
                case "relationship_labels":
                    self._labels = _shaped(_LABELS, piece)
                case "scripted":
                    self._scripted = _shaped(_SCRIPTED, piece)
                case _:
                    continue
        if not self._starts or self._labels is None:
            raise _RuleError("citizens and relationship_labels must be there, and not empty")
        self._check_numbers()
        return SandboxPopulation(
            self._file,
            records=RecordIndex(self._starts, self._lengths, self._by_number, self._by_old_number),
            households=self._households(),
            relationship_labels=self._labels,
            scripted=self._scripted,
        )

    def _add_person(self, piece: Piece) -> None:
        person = _shaped(_PERSON, piece)
        position = len(self._starts)
        if position >= MOST_PEOPLE:
            raise _RuleError(f"more than {MOST_PEOPLE} citizens")
        self._starts.append(piece.start)
        self._lengths.append(piece.length)
        self._by_number.add(int(person.id_number), position)
        if person.old_id_number is not None:
            self._by_old_number.add(int(person.old_id_number), position)

    def _add_household(self, piece: Piece) -> None:
        household = _shaped(_HOUSEHOLD, piece)
        for number, code in ((household.head, HEAD_HIMSELF), *household.members.items()):
            relation = self._codes.setdefault(code, len(self._codes))
            if relation >= _MOST_CODES:
                raise _RuleError(f"{piece.place}: more than {_MOST_CODES} relationship codes")
            self._waiting_heads.append(int(household.head))
            self._waiting_people.append(int(number))
            self._waiting_relations.append(relation)
            self._waiting_places.append(piece.item or 0)

    def _check_numbers(self) -> None:
        for name, index in (("id_number", self._by_number), ("old_id_number", self._by_old_number)):
            position = index.sort()
            if position is not None:
                raise _RuleError(f"citizens[{position}].{name}: another citizen has it too")
        if any(self._by_number.position(int(number)) is not None for number in self._scripted):
            raise _RuleError("scripted: one of the numbers is a citizen's")

    def _households(self) -> HouseholdIndex:
        heads = array("I", [NOBODY]) * len(self._starts)
        relations = bytearray(len(self._starts))
        for head, person, relation, household in zip(
            self._waiting_heads,
            self._waiting_people,
            self._waiting_relations,
            self._waiting_places,
            strict=True,
        ):
            head_position = self._by_number.position(head)
            position = self._by_number.position(person)
            if head_position is None or position is None:
                raise _RuleError(f"households[{household}]: somebody of it is not among the citizens")
            if heads[position] != NOBODY:
                raise _RuleError(f"households[{household}]: somebody of it is in a household already")
            heads[position] = head_position
            relations[position] = relation
        return HouseholdIndex(heads, relations, tuple(self._codes))


def _shaped(adapter: TypeAdapter[Shape], piece: Piece) -> Shape:
    try:
        return adapter.validate_python(piece.value)
    except ValidationError as exc:
        error: Any = exc.errors(include_url=False, include_context=False, include_input=False)[0]
        # A key of the file may be a person's number; the names of our own fields are letters only.
        fields = [part for part in error["loc"] if _FIELD_NAME.fullmatch(str(part))]
        raise _RuleError(f"{'.'.join([piece.place, *fields])}: {error['msg']}") from None
