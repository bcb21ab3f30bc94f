"""Addresses of both shapes and both territories: with a district from before 1/7/2025, without one since."""

from typing import Final

from app.adapters.population.wire.labels import Labels
from app.adapters.population.wire.node import Node
from app.domain import code_lists, territory
from app.domain.citizen import Address

_WARD_DIGITS: Final = 5
_DISTRICT_DIGITS: Final = 3


def read_address(node: Node | None, labels: Labels) -> Address | None:
    """Read an address; None if the register has no information."""
    if node is None or node.is_empty:
        return None
    province, district, ward = _units(node)
    return Address(
        province=territory.province(province, has_district=district is not None),
        district=labels.district(district),
        ward=labels.ward(ward, district=district),
        detail=node.value("ChiTiet"),
        country=code_lists.country(node.value("QuocGia")),
    )


def _units(node: Node) -> tuple[str | None, str | None, str | None]:
    """Return the codes of province, district and ward; shape B has only the most precise one."""
    unit = node.value("MaDonViHanhChinh")
    if unit is None:
        return node.value("MaTinhThanh"), node.value("MaQuanHuyen"), node.value("MaPhuongXa")
    if len(unit) == _WARD_DIGITS:
        return None, None, unit
    return (None, unit, None) if len(unit) == _DISTRICT_DIGITS else (unit, None, None)
