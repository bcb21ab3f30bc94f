"""How many lookups, different people and misses an officer, an agency and a client have. Rules only.

Lookups and misses are counted over rolling time, in steps of a twelfth of it, so that no moment of a new
minute opens a second budget: within any minute there are never more than the limit, and a place becomes free
at most one step later than it strictly could. Different people are counted by the day of Vietnam.
"""

import math
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Final

from app.domain.working_time import VIETNAM_TIME

_STEPS: Final = 12


class Measure(StrEnum):
    """What a budget counts (hạn mức)."""

    LOOKUPS = "lookups"
    PEOPLE = "people"
    MISSES = "misses"


class HolderKind(StrEnum):
    """Whose budget it is."""

    OFFICER = "officer"
    AGENCY = "agency"
    CLIENT = "client"


WINDOW_SECONDS: Final[Mapping[Measure, int]] = {
    Measure.LOOKUPS: 60,
    Measure.PEOPLE: 86_400,
    Measure.MISSES: 600,
}


@dataclass(frozen=True, slots=True, order=True)
class Holder:
    """Somebody with a budget, by kind and name (user name, agency's code, client's id)."""

    kind: HolderKind
    name: str


def holders_of(*, officer: str | None, agency: str | None, client: str | None) -> tuple[Holder, ...]:
    """Name those whose budgets a lookup is taken from."""
    named = ((HolderKind.OFFICER, officer), (HolderKind.AGENCY, agency), (HolderKind.CLIENT, client))
    return tuple(Holder(kind, name) for kind, name in named if name is not None)


@dataclass(frozen=True, slots=True)
class Limits:
    """An officer's limits, and how many times that an agency and a client have."""

    lookups: int
    people: int
    misses: int
    agency_factor: int
    client_factor: int

    def of(self, measure: Measure, kind: HolderKind) -> int:
        """Return the limit of one measure for one kind of holder."""
        factor = {
            HolderKind.OFFICER: 1,
            HolderKind.AGENCY: self.agency_factor,
            HolderKind.CLIENT: self.client_factor,
        }
        own: int = getattr(self, measure.value)
        return own * factor[kind]


Steps = MutableMapping[int, int]
"""Counts by step of time, numbered from the epoch."""


@dataclass(slots=True)
class Use:
    """What a holder has used: lookups and misses by step, different people on one day."""

    lookups: Steps = field(default_factory=dict)
    misses: Steps = field(default_factory=dict)
    people_on: date | None = None
    people: int = 0


@dataclass(frozen=True, slots=True)
class Standing:
    """How one budget stands: its limit, what is left of it, and in how many seconds more of it is free."""

    measure: Measure
    holder: HolderKind
    limit: int
    left: int
    frees_in_seconds: int

    @property
    def window_seconds(self) -> int:
        """Length of the time over which it counts."""
        return WINDOW_SECONDS[self.measure]


@dataclass(frozen=True, slots=True)
class Refusal:
    """A budget that a lookup exceeds, and in how many seconds it would no longer."""

    measure: Measure
    holder: HolderKind
    retry_after_seconds: int


@dataclass(frozen=True, slots=True)
class Charge:
    """What a lookup takes from its holders' budgets; `people` are keyed references of those concerned."""

    holders: tuple[Holder, ...]
    people: frozenset[bytes] = field(repr=False)
    at: datetime


@dataclass(frozen=True, slots=True)
class Miss:
    """A lookup that found nobody, on account of its holders."""

    holders: tuple[Holder, ...]
    at: datetime


TollOutcome = Refusal | tuple[Standing, ...]
"""What came of a charge or a miss: refused, or of each measure the budget of which least is left."""


def step_of(measure: Measure, at: datetime) -> int:
    """Number the step of time that a moment lies in."""
    return int(at.timestamp() * _STEPS // WINDOW_SECONDS[measure])


def pruned(measure: Measure, counts: Mapping[int, int], at: datetime) -> dict[int, int]:
    """Keep the steps that count; a clock that was ahead for a while must not bar anybody for long."""
    now = step_of(measure, at)
    return {step: count for step, count in counts.items() if abs(step - now) <= _STEPS}


def seconds_until_left(measure: Measure, step: int, at: datetime) -> int:
    """Tell in how many seconds a step lies before the window."""
    begins_to_be_left = (step + _STEPS + 1) * WINDOW_SECONDS[measure] / _STEPS
    return math.ceil(begins_to_be_left - at.timestamp())


def seconds_to_next_day(at: datetime) -> int:
    """Tell in how many seconds the day ends on which people are counted."""
    here = at.astimezone(VIETNAM_TIME)
    midnight = datetime.combine(here.date() + timedelta(days=1), time(), VIETNAM_TIME)
    return math.ceil((midnight - here).total_seconds())
