import itertools

import pytest

from app.domain.claim import IdentityClaim
from app.domain.identity_number import IdentityNumber
from app.domain.partial_date import PartialDate
from app.domain.person_name import PersonName


def make_claim(
    full_name: str = "Lê Thị Hòa", id_number: str = "100160000005", birth_date: str = "1960-11"
) -> IdentityClaim:
    return IdentityClaim(PersonName(full_name), IdentityNumber(id_number), PartialDate.parse(birth_date))


RECORD_NUMBERS = ("100160000005", "000000105")


@pytest.mark.parametrize(
    "claim",
    [
        make_claim(),
        make_claim(full_name="LÊ THỊ HOÀ"),
        make_claim(id_number="000000105"),
        make_claim(birth_date="1960"),
    ],
)
def test_a_claim_matches_its_record_in_every_allowed_form(claim: IdentityClaim) -> None:
    assert claim.matches(full_name="LÊ THỊ HOÀ", id_numbers=RECORD_NUMBERS, birth_date="1960-11")


@pytest.mark.parametrize(
    "wrong", [wrong for wrong in itertools.product((False, True), repeat=3) if any(wrong)]
)
def test_one_wrong_part_or_more_is_no_match(wrong: tuple[bool, bool, bool]) -> None:
    claim = make_claim(
        full_name="Lê Thị Hoa" if wrong[0] else "Lê Thị Hòa",
        id_number="100160000006" if wrong[1] else "100160000005",
        birth_date="1960-11-02" if wrong[2] else "1960-11",
    )
    assert not claim.matches(full_name="LÊ THỊ HOÀ", id_numbers=RECORD_NUMBERS, birth_date="1960-11")


@pytest.mark.parametrize(
    ("full_name", "id_numbers", "birth_date"),
    [
        ("", RECORD_NUMBERS, "1960-11"),
        ("\ud800", RECORD_NUMBERS, "1960-11"),
        (None, RECORD_NUMBERS, "1960-11"),
        ("LÊ THỊ HOÀ", (), "1960-11"),
        ("LÊ THỊ HOÀ", (None, ""), "1960-11"),
        ("LÊ THỊ HOÀ", RECORD_NUMBERS, "19601100"),
        ("LÊ THỊ HOÀ", RECORD_NUMBERS, ""),
        ("LÊ THỊ HOÀ", RECORD_NUMBERS, None),
    ],
)
def test_a_record_with_unusable_parts_does_not_match(
    full_name: str | None, id_numbers: tuple[str | None, ...], birth_date: str | None
) -> None:
    assert not make_claim().matches(full_name=full_name, id_numbers=id_numbers, birth_date=birth_date)


class WatchedNumbers(tuple[str, ...]):
    """Numbers of a record that tell whether anyone looked for one among them."""

    __slots__ = ()
    looks = 0

    def __contains__(self, number: object) -> bool:
        type(self).looks += 1
        return super().__contains__(number)


def test_the_number_is_compared_also_when_the_name_is_wrong_already() -> None:
    WatchedNumbers.looks = 0
    make_claim().matches(full_name="X", id_numbers=WatchedNumbers(RECORD_NUMBERS), birth_date="1960-11")
    assert WatchedNumbers.looks == 1


def test_a_claim_does_not_print() -> None:
    printed = repr(make_claim())
    assert not any(part in printed for part in ("Hòa", "100160000005", "1960"))
