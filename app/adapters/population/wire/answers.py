"""Reads whether a person exists and what the record says. What is no known answer is garbage, never a no."""

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from app.adapters.population.port import KnownPerson
from app.adapters.population.wire.citizen import Identity
from app.adapters.population.wire.node import Node
from app.adapters.population.wire.refusals import CODE_NAMES
from app.domain.claim import IdentityClaim, is_comparable
from app.domain.identity_number import IdentityNumber
from app.errors import PopulationDatabaseError, PopulationDatabaseMismatchError

ReadIdentity = Callable[[Node], Identity | None]
Found = tuple[Node, Identity]
"""A record, and whose it is."""

_BOOLEANS: Final = {"true": True, "1": True, "false": False, "0": False}
_COLLECTIONS: Final = ("CongdanCollection", "CongDanCollection", "TraCuuThongTinCongDanResponse", "Data")
_ABOUT_THE_ANSWER: Final = frozenset({"Id", "id", "SoCongDan", "GhiChu", "ThoiDiemDuLieu", "MaYeuCau"})
# In small letters.
_DESCRIPTIONS: Final = frozenset({"motaloi", "mota", "thongbao", "message", "error_message", "errormessage"})
_VERIFICATION: Final = "XacThucThongTinCongDanResponse"
UNTOLD: Final = KnownPerson(id_numbers=(), life_status=None)
"""A person of whom the answer told nothing but that he exists."""


def boolean(text: str | None) -> bool:
    """Read a truth value.

    Raises:
        PopulationDatabaseError: it is none.
    """
    try:
        return _BOOLEANS[(text or "").lower()]
    except KeyError:
        raise PopulationDatabaseError from None


def claimed_record(body: Node, claim: IdentityClaim, read: ReadIdentity) -> Found | None:
    """Return the record that the claim as a whole fits; None if it fits nobody's."""
    found = _asked_for(body, claim.id_number, read)
    return next(((record, identity) for record, identity in found if _fits(claim, identity)), None)


def record_by_number(body: Node, number: IdentityNumber, read: ReadIdentity) -> Found | None:
    """Return the record with this number, whatever the name."""
    return next(iter(_asked_for(body, number, read)), None)


def claimed_person(body: Node, claim: IdentityClaim, read: ReadIdentity) -> KnownPerson | None:
    """Read a verification in any of the forms that are in the wild."""
    told = body.child("Data")
    if carries_a_record(body) or (told is not None and told.child("HoVaTen") is not None):
        return person_beside(body, claim, read, stated=lambda: _stated(body))
    exists = _stated(body)
    if exists is None:
        if body.find("CongDan") is None:
            raise PopulationDatabaseError
        _refuse_news(body)
    return UNTOLD if exists else None


def person_beside(
    body: Node, claim: IdentityClaim, read: ReadIdentity, *, stated: Callable[[], bool | None]
) -> KnownPerson | None:
    """Hold the record that an answer carries beside what was asked against the claim.

    `stated` tells what the answer says without its record, None for nothing.

    Raises:
        PopulationDatabaseMismatchError: the record is another person's.
        PopulationDatabaseError: the answer says yes, and the record is nobody's or has no name or birth date
            to compare; or it says no, and the record is the claimed person's.
    """
    asked = _with_number(body, claim.id_number, read)
    fitting = next((found for found in asked if _fits(claim, found[1])), None)
    if fitting is not None:
        if stated() is False:
            raise PopulationDatabaseError
        return known(fitting)
    if not asked or not all(_is_comparable(identity) for _, identity in asked):
        says = stated()
        if says:
            raise PopulationDatabaseError
        if not asked and says is None:
            _refuse_news(body)
    return None


def carries_a_record(body: Node) -> bool:
    """Tell whether the answer carries a person's record beside what was asked; an empty one is none."""
    return any(not record.is_empty for record in body.find_all("CongDan"))


def _stated(body: Node) -> bool | None:
    """Read what a verification states beside a record; None if it states nothing.

    Raises:
        PopulationDatabaseError: what it states is no truth value or count, or the wrapper of a count holds
            something else in its place.
    """
    exists = body.find("TonTai") or body.child("Data")
    if exists is not None:
        return None if exists.text is None else boolean(exists.text)
    response = body.find(_VERIFICATION)
    count = None if response is None else response.find("SoLuongCongDan")
    if count is not None and count.text is not None:
        if not (count.text.isascii() and count.text.isdigit()):
            raise PopulationDatabaseError
        return bool(count.text.strip("0"))
    if response is None or carries_a_record(body):
        return None
    _refuse_news(body)
    return False


def known(found: Found) -> KnownPerson:
    """Reduce a record to what a lookup's own records may hold of it."""
    _, identity = found
    return KnownPerson(identity.id_numbers, identity.life_status)


def _asked_for(body: Node, number: IdentityNumber, read: ReadIdentity) -> list[Found]:
    """Return the records of an answer that is nothing but records, as `_with_number` does."""
    asked = _with_number(body, number, read)
    if not asked:
        _refuse_news(body)
    return asked


def _with_number(body: Node, number: IdentityNumber, read: ReadIdentity) -> list[Found]:
    """Return the records with the asked number; none if no record names a person.

    Raises:
        PopulationDatabaseMismatchError: there are records, but of others only.
        PopulationDatabaseError: it is no answer to a question for a record, or counts people and has none.
    """
    people = [(record, identity) for record in _records(body) if (identity := read(record)) is not None]
    asked = [(record, identity) for record, identity in people if number.value in identity.id_numbers]
    if people and not asked:
        raise PopulationDatabaseMismatchError
    if not people and _counts_people(body):
        raise PopulationDatabaseError
    return asked


def _records(body: Node) -> list[Node]:
    records = list(body.find_all("CongDan"))
    if records:
        return records
    collection = next((found for name in _COLLECTIONS if (found := body.find(name)) is not None), None)
    if collection is None or collection.text is not None:
        raise PopulationDatabaseError
    # An LGSP's JSON has the one record itself here.
    return [collection] if collection.name == "Data" else []


def _counts_people(body: Node) -> bool:
    return any((count.text or "").strip("0") for count in body.find_all("SoCongDan"))


def _refuse_news(body: Node) -> None:
    """Return if an answer that names nobody says nothing else, as the description of a failure.

    Raises:
        PopulationDatabaseError: it does, or it counts people.
    """
    # What stands beside `data` in an LGSP's JSON is about the call; its code has been read already.
    if _counts_people(body) or not _is_no_news(body.child("Data") or body):
        raise PopulationDatabaseError


def _is_no_news(told: Node) -> bool:
    """Tell whether an answer of nobody may hold this; of codes, those of success alone come so far."""
    if told.name in _ABOUT_THE_ANSWER or told.name.lower() in CODE_NAMES or _is_record(told):
        return True
    return told.text is None and all(map(_is_no_news, _undescribed(told.children)))


def _undescribed(told: Sequence[Node]) -> Iterator[Node]:
    """Leave out the description of a code of success that stands beside it."""
    has_code = any(one.name.lower() in CODE_NAMES and one.text for one in told)
    for one in told:
        if not (has_code and one.name.lower() in _DESCRIPTIONS and not one.children):
            yield one


def _is_record(told: Node) -> bool:
    """Tell whether this is a record, which is read by itself: in JSON the data can be one."""
    return told.name == "CongDan" or (told.name == "Data" and told.child("HoVaTen") is not None)


def _is_comparable(identity: Identity) -> bool:
    return is_comparable(full_name=identity.full_name, birth_date=identity.birth_date)


def _fits(claim: IdentityClaim, identity: Identity) -> bool:
    return claim.matches(
        full_name=identity.full_name, id_numbers=identity.id_numbers, birth_date=identity.birth_date
    )
