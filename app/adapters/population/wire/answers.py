"""Reads whether a person exists and what the record says. What is no known answer is garbage, never a no."""

from collections.abc import Callable
from typing import Final

from app.adapters.population.port import KnownPerson
from app.adapters.population.wire.citizen import Identity
from app.adapters.population.wire.node import Node
from app.adapters.population.wire.refusals import CODE_NAMES
from app.domain.claim import IdentityClaim
from app.domain.identity_number import IdentityNumber
from app.errors import PopulationDatabaseError, PopulationDatabaseMismatchError

ReadIdentity = Callable[[Node], Identity | None]
Found = tuple[Node, Identity]
"""A record, and whose it is."""

_BOOLEANS: Final = {"true": True, "1": True, "false": False, "0": False}
_COLLECTIONS: Final = ("CongdanCollection", "CongDanCollection", "TraCuuThongTinCongDanResponse", "Data")
_ABOUT_THE_COLLECTION: Final = frozenset({"Id", "id", "SoCongDan", "GhiChu", "ThoiDiemDuLieu"})
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
    found = _with_number(body, claim.id_number, read)
    return next(((record, identity) for record, identity in found if _fits(claim, identity)), None)


def record_by_number(body: Node, number: IdentityNumber, read: ReadIdentity) -> Found | None:
    """Return the record with this number, whatever the name."""
    return next(iter(_with_number(body, number, read)), None)


def claimed_person(body: Node, claim: IdentityClaim, read: ReadIdentity) -> KnownPerson | None:
    """Read a verification in any of the forms that are in the wild."""
    told = body.child("Data")
    if carries_a_record(body) or (told is not None and told.child("HoVaTen") is not None):
        return person_beside(body, claim, read, says_yes=lambda: _stated(body) is True)
    exists = _stated(body)
    if exists is None and body.find("CongDan") is None:
        raise PopulationDatabaseError
    return UNTOLD if exists else None


def person_beside(
    body: Node, claim: IdentityClaim, read: ReadIdentity, *, says_yes: Callable[[], bool]
) -> KnownPerson | None:
    """Hold the record that an answer carries beside what was asked against the claim.

    Raises:
        PopulationDatabaseMismatchError: the record is another person's.
        PopulationDatabaseError: it is nobody's, and the answer says yes all the same.
    """
    asked = _with_number(body, claim.id_number, read)
    if not asked and says_yes():
        raise PopulationDatabaseError
    return next((known(found) for found in asked if _fits(claim, found[1])), None)


def carries_a_record(body: Node) -> bool:
    """Tell whether the answer carries a person's record beside what was asked; an empty one is none."""
    return any(not record.is_empty for record in body.find_all("CongDan"))


def _stated(body: Node) -> bool | None:
    """Read what a verification states, whatever it carries; None if it states nothing."""
    exists = body.find("TonTai") or body.child("Data")
    if exists is not None:
        return None if exists.text is None else boolean(exists.text)
    response = body.find("XacThucThongTinCongDanResponse")
    if response is None:
        return None
    count = response.find("SoLuongCongDan")
    if count is None or count.text is None:
        return False
    if not (count.text.isascii() and count.text.isdigit()):
        raise PopulationDatabaseError
    return bool(count.text.strip("0"))


def known(found: Found) -> KnownPerson:
    """Reduce a record to what a lookup's own records may hold of it."""
    _, identity = found
    return KnownPerson(identity.id_numbers, identity.life_status)


def _with_number(body: Node, number: IdentityNumber, read: ReadIdentity) -> list[Found]:
    """Return the records with the asked number; none if the answer says that there is nobody.

    Raises:
        PopulationDatabaseMismatchError: there are records, but of others only.
        PopulationDatabaseError: it is no answer to a question for a record.
    """
    people = [(record, identity) for record in _records(body) if (identity := read(record)) is not None]
    asked = [(record, identity) for record, identity in people if number.value in identity.id_numbers]
    if people and not asked:
        raise PopulationDatabaseMismatchError
    count = None if people else body.find("SoCongDan")
    if count is not None and (count.text or "").strip("0"):
        # It counts people and carries none.
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
    if collection.name == "Data":
        return [collection]
    if not all(_is_no_news(told) for told in collection.children):
        raise PopulationDatabaseError
    return []


def _is_no_news(told: Node) -> bool:
    """Tell whether a collection of nobody may hold this; of codes, those of success alone come so far."""
    return told.name in _ABOUT_THE_COLLECTION or told.name.lower() in CODE_NAMES or told.is_empty


def _fits(claim: IdentityClaim, identity: Identity) -> bool:
    return claim.matches(
        full_name=identity.full_name, id_numbers=identity.id_numbers, birth_date=identity.birth_date
    )
