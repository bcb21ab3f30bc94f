"""Pieces of a record that both wires write alike."""

from typing import Final, NamedTuple

from app.adapters.population.sandbox.records import PersonRecord
from app.domain.citizen import LifeStatus
from app.simulator.options import Behaviour

LIFE_STATUS_CODES: Final = {LifeStatus.ALIVE: "1", LifeStatus.DECEASED: "2", LifeStatus.MISSING: "3"}
"""TrangThaiCongDan: no public source tells the codes, so these are the simulator's own."""


class NameParts(NamedTuple):
    """A name as the record holds it: family name, middle names, given name."""

    family: str
    middle: str
    given: str


def name_parts(full_name: str, behaviour: Behaviour) -> NameParts:
    """Put the whole name into the last part, as the real register does, or split it."""
    words = full_name.split()
    if behaviour.name == "whole" or len(words) == 1:
        return NameParts("", "", full_name)
    return NameParts(words[0], " ".join(words[1:-1]), words[-1])


class BirthParts(NamedTuple):
    """A birth date as the record holds it: the year, and the rest if it is known."""

    year: str
    day: str


def birth_parts(person: PersonRecord) -> BirthParts:
    """Write a birth date: `yyyyMMdd`, `yyyyMM` if only the month is known, or the year alone."""
    digits = person.birth_date.replace("-", "")
    return BirthParts(digits[:4], digits if len(digits) > len("yyyy") else "")
