"""One person's record of shape A (flat codes) or shape B (nested, after QCVN 109), in the domain's words."""

import re
from dataclasses import dataclass, field
from typing import Final

from app.adapters.population.wire.addresses import read_address
from app.adapters.population.wire.labels import Labels
from app.adapters.population.wire.node import Node
from app.domain import code_lists
from app.domain.citizen import Citizen, HouseholdHead, LifeStatus, Relative
from app.domain.identity_number import IdentityNumber
from app.domain.partial_date import PartialDate
from app.errors import PopulationDatabaseError

_DATE: Final = re.compile(r"([0-9]{4})(?:([0-9]{2})([0-9]{2})?)?")
_UNKNOWN_PART: Final = "00"


@dataclass(frozen=True, slots=True)
class LifeStatusCodes:
    """Codes of TrangThaiCongDan as numbers; which they are is not documented, so they are settings."""

    deceased: frozenset[str]
    missing: frozenset[str]

    def read(self, code: str | None) -> LifeStatus | None:
        """Tell what a code says; None for one that says neither."""
        number = None if code is None else code_lists.as_number(code)
        if number in self.deceased:
            return LifeStatus.DECEASED
        return LifeStatus.MISSING if number in self.missing else None


@dataclass(frozen=True, slots=True)
class Identity:
    """Whose a record is: what a claim is held against, and what a verification keeps of it.

    Whether a record can be read at all is decided here; the rest is read only where it is asked for.
    """

    full_name: str = field(repr=False)
    id_number: str | None = field(repr=False)
    old_id_number: str | None = field(repr=False)
    birth_date: str | None = field(repr=False)
    life_status: LifeStatus | None = field(repr=False)

    @property
    def id_numbers(self) -> tuple[str, ...]:
        """The numbers, new and old, that the record carries."""
        return tuple(number for number in (self.id_number, self.old_id_number) if number)


def read_identity(record: Node, statuses: LifeStatusCodes) -> Identity | None:
    """Read whose it is; a record that is empty, or whose name is, is the register's way to say "nobody".

    Raises:
        PopulationDatabaseError: it is no person's record, or its birth date cannot be read.
    """
    name = record.child("HoVaTen")
    if name is None and not record.is_empty:
        raise PopulationDatabaseError
    full_name = read_name(name)
    if full_name is None:
        return None
    return Identity(
        full_name=full_name,
        id_number=_number(record.value("SoDinhDanh")),
        old_id_number=_number(record.value("SoCMND")),
        birth_date=_birth_date(record.child("NgayThangNamSinh")),
        life_status=statuses.read(_code(record, "TrangThaiCongDan")),
    )


def read_citizen(record: Node, identity: Identity, labels: Labels) -> Citizen:
    """Read the rest of a record."""
    return Citizen(
        full_name=identity.full_name,
        gender=code_lists.gender(_code(record, "GioiTinh")),
        id_number=identity.id_number,
        old_id_number=identity.old_id_number,
        birth_date=identity.birth_date,
        ethnicity=code_lists.ethnicity(_code(record, "DanToc")),
        religion=code_lists.religion(_code(record, "TonGiao")),
        blood_type=code_lists.blood_type(_code(record, "NhomMau")),
        marital_status=code_lists.marital_status(_code(record, "TinhTrangHonNhan")),
        nationality=code_lists.country(_code(record, "QuocTich")),
        birth_registration_place=read_address(record.child("NoiDangKyKhaiSinh"), labels),
        native_place=read_address(record.child("QueQuan"), labels),
        permanent_address=read_address(record.child("ThuongTru"), labels),
        current_address=read_address(record.child("NoiOHienTai"), labels),
        household_head=_household_head(record.child("ChuHo"), labels),
        father=_relative(record.child("Cha")),
        mother=_relative(record.child("Me")),
        spouse=_relative(record.child("VoChong")),
        life_status=identity.life_status,
        tells_household_head=record.child("ChuHo") is not None,
    )


def read_name(node: Node | None) -> str | None:
    """Join the parts of a name that are there; the whole name usually stands in the last of them (Ten)."""
    if node is None:
        return None
    parts = (node.text, node.value("Ho"), node.value("ChuDem"), node.value("Ten"))
    return " ".join(part for part in parts if part) or None


def _code(record: Node, name: str) -> str | None:
    """Return a flat code, whatever its attributes, or in shape B the member whose name begins with Ma."""
    node = record.child(name)
    if node is None:
        return None
    return next((child.text for child in node.children if child.name.startswith("Ma")), node.text)


def _number(text: str | None) -> str | None:
    try:
        return IdentityNumber(text or "").value
    except ValueError:
        return None


def _birth_date(node: Node | None) -> str | None:
    if node is None or node.is_empty:
        return None
    text = node.text or node.value("NgayThangNam") or node.value("Nam") or ""
    form = _DATE.fullmatch(text.replace("-", ""))
    if form is None:
        raise PopulationDatabaseError
    year, month, day = form.groups()
    known = [year]
    for part in (month, day):
        if part in (None, _UNKNOWN_PART):
            break
        known.append(part)
    try:
        return str(PartialDate.parse("-".join(known)))
    except ValueError as exc:
        raise PopulationDatabaseError from exc


def _relative(node: Node | None) -> Relative | None:
    if node is None or node.is_empty:
        return None
    return Relative(
        full_name=read_name(node.child("HoVaTen")),
        nationality=code_lists.country(_code(node, "QuocTich")),
        id_number=_number(node.value("SoDinhDanh")),
        old_id_number=_number(node.value("SoCMND")),
    )


def _household_head(node: Node | None, labels: Labels) -> HouseholdHead | None:
    if node is None or node.is_empty:
        return None
    return HouseholdHead(
        full_name=read_name(node.child("HoVaTen")),
        id_number=_number(node.value("SoDinhDanh")),
        old_id_number=_number(node.value("SoCMND")),
        relationship=code_lists.relationship(_code(node, "QuanHe"), labels.relationships),
    )
