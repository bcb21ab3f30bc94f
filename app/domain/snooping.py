"""Signs that an officer looks into the register for other reasons than the work. Rules only: no verdict.

Each rule sees all lookups of the time, those of one officer together and in their order, and then tells what
it found. What a rule finds is a reason to ask, not a proof of anything.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from statistics import median
from typing import Final, Protocol

from app.domain.lookup import NOT_FOUND

MOST_EXAMPLES: Final = 10


class SnoopingSign(StrEnum):
    """What a finding is about."""

    NEVER_TIED = "never_tied"
    OFF_HOURS = "off_hours"
    ABOVE_PEERS = "above_peers"
    SAME_PERSON = "same_person"
    MISSES = "misses"
    NEIGHBOURS = "neighbours"


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From which count on something is worth a look."""

    never_tied: int
    off_hours: int
    above_peers_lookups: int
    above_peers_factor: float
    same_person_officers: int
    misses_in_a_row: int
    neighbours_in_a_row: int
    neighbours_distance: int


@dataclass(frozen=True, slots=True)
class SeenLookup:
    """One ended lookup; `person` is the keyed reference of whom it was about, `number` his number."""

    sequence: int
    officer: str
    agency: str
    at: datetime
    result: str
    has_case: bool
    person: str | None = field(repr=False)
    number: int | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to ask about; `sequences` are some of the audit records that show it."""

    sign: SnoopingSign
    officers: tuple[str, ...]
    agencies: tuple[str, ...]
    count: int
    sequences: tuple[int, ...]


class Rule(Protocol):
    """Sees lookups, then tells what it found."""

    def see(self, lookup: SeenLookup) -> None:
        """Take the next lookup."""
        ...

    def findings(self) -> Iterator[Finding]:
        """Tell what was found."""
        ...


@dataclass(slots=True)
class _Tally:
    count: int = 0
    agencies: set[str] = field(default_factory=set)
    officers: set[str] = field(default_factory=set)
    sequences: list[int] = field(default_factory=list)

    def add(self, lookup: SeenLookup) -> None:
        self.count += 1
        self.agencies.add(lookup.agency)
        self.officers.add(lookup.officer)
        if len(self.sequences) < MOST_EXAMPLES:
            self.sequences.append(lookup.sequence)

    def finding(self, sign: SnoopingSign, *, count: int | None = None) -> Finding:
        return Finding(
            sign,
            tuple(sorted(self.officers)),
            tuple(sorted(self.agencies)),
            self.count if count is None else count,
            tuple(self.sequences),
        )


class _Counted:
    """Counts those lookups of each officer that are of one sort."""

    def __init__(self, sign: SnoopingSign, is_counted: Callable[[SeenLookup], bool], *, least: int) -> None:
        self._sign = sign
        self._is_counted = is_counted
        self._least = least
        self._tallies: defaultdict[str, _Tally] = defaultdict(_Tally)

    def see(self, lookup: SeenLookup) -> None:
        if self._is_counted(lookup):
            self._tallies[lookup.officer].add(lookup)

    def findings(self) -> Iterator[Finding]:
        return (tally.finding(self._sign) for tally in self._tallies.values() if tally.count >= self._least)


class _AbovePeers:
    """Compares each officer with the median of the officers of the same agency who looked at all."""

    def __init__(self, *, least: int, factor: float) -> None:
        self._least = least
        self._factor = factor
        self._tallies: defaultdict[tuple[str, str], _Tally] = defaultdict(_Tally)

    def see(self, lookup: SeenLookup) -> None:
        self._tallies[lookup.agency, lookup.officer].add(lookup)

    def findings(self) -> Iterator[Finding]:
        counts: defaultdict[str, list[int]] = defaultdict(list)
        for (agency, _), tally in self._tallies.items():
            counts[agency].append(tally.count)
        for (agency, _), tally in self._tallies.items():
            others = list(counts[agency])
            others.remove(tally.count)
            if others and tally.count >= max(self._least, self._factor * median(others)):
                yield tally.finding(SnoopingSign.ABOVE_PEERS)


class _SamePerson:
    """Finds people whom many officers looked at."""

    def __init__(self, *, least: int) -> None:
        self._least = least
        self._first: dict[str, tuple[str, str, int]] = {}
        self._tallies: dict[str, _Tally] = {}

    def see(self, lookup: SeenLookup) -> None:
        if lookup.person is None:
            return
        tally = self._tallies.get(lookup.person)
        if tally is None:
            # Nearly everybody is looked at by one officer, and there may be a million of them.
            first = self._first.get(lookup.person)
            if first is None:
                self._first[lookup.person] = (lookup.officer, lookup.agency, lookup.sequence)
                return
            officer, agency, sequence = first
            if officer == lookup.officer:
                return
            del self._first[lookup.person]
            tally = self._tallies[lookup.person] = _Tally(1, {agency}, {officer}, [sequence])
        tally.add(lookup)

    def findings(self) -> Iterator[Finding]:
        for tally in self._tallies.values():
            if len(tally.officers) >= self._least:
                yield tally.finding(SnoopingSign.SAME_PERSON, count=len(tally.officers))


class _Runs:
    """Finds an officer's lookups that follow each other; `continues` tells whether the second goes on.

    One that only `repeats` the one before neither ends a run nor makes it longer.
    """

    def __init__(
        self,
        sign: SnoopingSign,
        continues: Callable[[SeenLookup | None, SeenLookup], bool],
        *,
        least: int,
        repeats: Callable[[SeenLookup, SeenLookup], bool] = lambda _before, _lookup: False,
    ) -> None:
        self._sign = sign
        self._continues = continues
        self._repeats = repeats
        self._least = least
        self._last: SeenLookup | None = None
        self._run = _Tally()
        self._found: list[Finding] = []

    def see(self, lookup: SeenLookup) -> None:
        before = self._last if self._last is not None and self._last.officer == lookup.officer else None
        if before is not None and self._repeats(before, lookup):
            return
        if before is None or not self._continues(before, lookup):
            self._end()
        if self._run.count or self._continues(None, lookup):
            self._run.add(lookup)
        self._last = lookup

    def findings(self) -> Iterator[Finding]:
        self._end()
        return iter(self._found)

    def _end(self) -> None:
        if self._run.count >= self._least:
            self._found.append(self._run.finding(self._sign))
        self._run = _Tally()


def rules(thresholds: Thresholds, *, is_worked: Callable[[datetime], bool]) -> tuple[Rule, ...]:
    """Make the rules for one report; `is_worked` tells whether a moment lies in working time."""

    def misses(before: SeenLookup | None, lookup: SeenLookup) -> bool:
        return lookup.result == NOT_FOUND and (before is None or before.result == NOT_FOUND)

    def neighbours(before: SeenLookup | None, lookup: SeenLookup) -> bool:
        if before is None or lookup.number is None or before.number is None:
            return lookup.number is not None and before is None
        return 0 < abs(lookup.number - before.number) <= thresholds.neighbours_distance

    return (
        _Counted(SnoopingSign.NEVER_TIED, lambda seen: not seen.has_case, least=thresholds.never_tied),
        _Counted(SnoopingSign.OFF_HOURS, lambda seen: not is_worked(seen.at), least=thresholds.off_hours),
        _AbovePeers(least=thresholds.above_peers_lookups, factor=thresholds.above_peers_factor),
        _SamePerson(least=thresholds.same_person_officers),
        _Runs(SnoopingSign.MISSES, misses, least=thresholds.misses_in_a_row),
        _Runs(
            SnoopingSign.NEIGHBOURS,
            neighbours,
            least=thresholds.neighbours_in_a_row,
            # Verified and then read: the way of every form.
            repeats=lambda before, lookup: lookup.number is not None and lookup.number == before.number,
        ),
    )


def found_by(checks: Iterable[Rule]) -> tuple[Finding, ...]:
    """Gather what the rules found: rule by rule, the largest counts first."""
    return tuple(
        finding
        for check in checks
        for finding in sorted(check.findings(), key=lambda found: (-found.count, found.officers))
    )
