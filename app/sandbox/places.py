"""Addresses for invented people: real provinces of both territories, invented districts and wards."""

from dataclasses import dataclass
from typing import Any, Final

from app.domain import territory
from app.sandbox.dice import Dice

Address = dict[str, Any]

# Each province since 1/7/2025 with those of before that it was made of.
_PROVINCES: Final = {
    "1": ("1",), "4": ("4",), "8": ("8", "2"), "11": ("11",), "12": ("12",), "14": ("14",),
    "15": ("10", "15"), "19": ("19", "6"), "20": ("20",), "22": ("22",), "24": ("27", "24"),
    "25": ("25", "26", "17"), "31": ("31", "30"), "33": ("33", "34"), "37": ("37", "35", "36"),
    "38": ("38",), "40": ("40",), "42": ("42",), "44": ("45", "44"), "46": ("46",),
    "48": ("48", "49"), "51": ("51", "62"), "52": ("64", "52"), "56": ("56", "58"),
    "66": ("66", "54"), "68": ("68", "67", "60"), "75": ("75", "70"), "79": ("79", "74", "77"),
    "80": ("72", "80"), "82": ("87", "82"), "86": ("86", "83", "84"), "91": ("89", "91"),
    "92": ("92", "93", "94"), "96": ("96", "95"),
}  # fmt: skip
PROVINCES: Final = tuple(_PROVINCES)

_WARD_NAMES: Final = (
    "Bến Nước", "Cầu Đá", "Đồng Sen", "Gò Me", "Hòn Ngọc", "Khe Trúc", "Lũy Tre", "Mai Lĩnh", "Suối Mây",
)  # fmt: skip
_PLACE_NAMES: Final = ("Mẫu", "Thử Nghiệm", "Ví Dụ", "Làm Mẫu")
# 90001 and following are the wards of the hand-made people; no real ward has a number so high.
_FIRST_WARD: Final = 90_100
_FIRST_DISTRICT: Final = 901


@dataclass(frozen=True, slots=True)
class Place:
    """A ward, known to both territories: before 1/7/2025 it lay in a district of an older province."""

    province: str
    old_province: str
    ward: int

    def address(self, detail: str, *, is_old: bool) -> Address:
        """Write an address of three levels, as before 1/7/2025, or of two, as since then."""
        code = self.old_province if is_old else self.province
        name = _WARD_NAMES[self.ward]
        return {
            "detail": detail,
            "ward": {"code": str(self._ward_number(is_old=is_old)), "label": f"Xã {name} (mẫu)"},
            "district": self._district() if is_old else None,
            "province": {"code": code, "label": _label(code, is_old=is_old)},
            "country": "VN",
        }

    def _ward_number(self, *, is_old: bool) -> int:
        # A ward of before has another number, as it was another, smaller one.
        first = _FIRST_WARD + (1000 if is_old else 0)
        return first + PROVINCES.index(self.province) * len(_WARD_NAMES) + self.ward

    def _district(self) -> dict[str, str]:
        number = self.ward % 3
        return {"code": str(_FIRST_DISTRICT + number), "label": f"Huyện Mẫu {number + 1}"}


def _label(code: str, *, is_old: bool) -> str | None:
    province = territory.province(code, has_district=is_old)
    return None if province is None else province.label


def some_place(dice: Dice, province: str | None = None) -> Place:
    """Choose a ward, of the province if one is given."""
    province = province or dice.pick(PROVINCES)
    return Place(province, dice.pick(_PROVINCES[province]), dice.between(0, len(_WARD_NAMES) - 1))


def some_detail(dice: Dice) -> str:
    """Make up what stands before the ward."""
    name = dice.pick(_PLACE_NAMES)
    if dice.chance(0.4):
        return f"Thôn {name} {dice.between(1, 12)}"
    return f"Số {dice.between(1, 250)} phố {name}"
