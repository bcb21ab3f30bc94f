"""What the rules find among invented officers, and what they leave alone."""

from datetime import timedelta
from itertools import count
from typing import Any

import pytest

from app.domain.snooping import Finding, SeenLookup, SnoopingSign, Thresholds, found_by, rules
from tests.conftest import NOON

THRESHOLDS = Thresholds(
    never_tied=4,
    off_hours=3,
    above_peers_lookups=6,
    above_peers_factor=3.0,
    same_person_officers=3,
    misses_in_a_row=3,
    neighbours_in_a_row=3,
    neighbours_distance=5,
)
_sequences = count()


def seen(officer: str = "an", number: int | None = None, **changes: Any) -> SeenLookup:
    sequence = next(_sequences)
    own: dict[str, Any] = {
        "sequence": sequence,
        "officer": officer,
        "agency": "H24.15",
        "at": NOON,
        "result": "exists",
        "has_case": True,
        "person": f"person-{sequence}",
        "number": sequence * 1000 if number is None else number,
    }
    return SeenLookup(**(own | changes))


def found(*lookups: SeenLookup) -> tuple[Finding, ...]:
    checks = rules(THRESHOLDS, is_worked=lambda moment: moment <= NOON)
    for lookup in lookups:
        for check in checks:
            check.see(lookup)
    return found_by(checks)


def signs(*lookups: SeenLookup) -> list[SnoopingSign]:
    return [finding.sign for finding in found(*lookups)]


def test_ordinary_work_is_no_sign() -> None:
    assert found(*(seen(officer) for officer in ("an", "binh") for _ in range(5))) == ()
    assert found() == ()


@pytest.mark.parametrize(
    ("change", "threshold", "sign"),
    [
        ({"has_case": False}, 4, SnoopingSign.NEVER_TIED),
        ({"at": NOON + timedelta(hours=9)}, 3, SnoopingSign.OFF_HOURS),
        ({"result": "not_found"}, 3, SnoopingSign.MISSES),
    ],
)
def test_from_the_threshold_on_it_is_a_sign(
    change: dict[str, Any], threshold: int, sign: SnoopingSign
) -> None:
    assert signs(*(seen(**change) for _ in range(threshold - 1))) == []
    lookups = [seen(**change) for _ in range(threshold)]
    (finding,) = found(seen(), *lookups, seen("binh"))
    assert (finding.sign, finding.officers, finding.agencies) == (sign, ("an",), ("H24.15",))
    assert (finding.count, finding.sequences) == (threshold, tuple(one.sequence for one in lookups))


def test_a_run_of_misses_ends_with_a_hit_and_with_the_officer() -> None:
    miss: dict[str, Any] = {"result": "not_found"}
    assert signs(seen(**miss), seen(**miss), seen(), seen(**miss), seen(**miss)) == []
    assert signs(seen(**miss), seen(**miss), seen("binh", **miss), seen("binh", **miss)) == []


def test_neighbouring_numbers_in_a_row_are_a_sign() -> None:
    assert signs(*(seen(number=number) for number in (100, 101, 103))) == [SnoopingSign.NEIGHBOURS]
    assert signs(*(seen(number=number) for number in (103, 101, 100))) == [SnoopingSign.NEIGHBOURS]


def test_neighbours_that_are_each_looked_up_twice_are_a_run_all_the_same() -> None:
    assert signs(*(seen(number=number) for number in (100, 100, 101, 101, 101, 103, 103))) == [
        SnoopingSign.NEIGHBOURS
    ]


@pytest.mark.parametrize(
    "numbers", [(100, 101), (100, 100, 100), (100, 100, 101, 101), (100, 106, 112), (100, 101, 500, 501)]
)
def test_the_same_number_again_or_one_further_away_is_none(numbers: tuple[int, ...]) -> None:
    assert signs(*(seen(number=number) for number in numbers)) == []


def test_a_lookup_without_a_number_ends_a_run_of_neighbours() -> None:
    unknown = SeenLookup(1, "an", "H24.15", NOON, "abandoned", has_case=True, person=None, number=None)
    assert signs(seen(number=100), seen(number=101), unknown, seen(number=102)) == []


def test_one_person_looked_at_by_many_officers_is_a_sign() -> None:
    lookups = [seen(officer, person="x") for officer in ("an", "an", "binh", "chi")]
    (finding,) = found(*lookups)
    assert (finding.sign, finding.count) == (SnoopingSign.SAME_PERSON, 3)
    assert finding.sequences == tuple(lookup.sequence for lookup in (lookups[0], *lookups[2:]))
    assert finding.officers == ("an", "binh", "chi")
    assert signs(*(seen("an", person="x") for _ in range(5))) == []


def test_far_more_lookups_than_peers_of_the_same_agency_are_a_sign() -> None:
    peers = [seen(officer) for officer in ("binh", "chi") for _ in range(2)]
    (finding,) = found(*(seen() for _ in range(6)), *peers)
    assert (finding.sign, finding.officers, finding.count) == (SnoopingSign.ABOVE_PEERS, ("an",), 6)
    assert signs(*(seen() for _ in range(5)), *peers) == []
    assert signs(*(seen() for _ in range(6)), seen("binh", agency="H24.16")) == []


def test_examples_are_few_and_the_largest_counts_come_first() -> None:
    lookups = [
        seen(officer, has_case=False) for officer, times in (("an", 5), ("binh", 30)) for _ in range(times)
    ]
    findings = [one for one in found(*lookups) if one.sign is SnoopingSign.NEVER_TIED]
    assert [(one.officers, one.count, len(one.sequences)) for one in findings] == [
        (("binh",), 30, 10),
        (("an",), 5, 5),
    ]
