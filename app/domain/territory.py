"""Provinces before and since 1/7/2025. Two tables, because seven codes changed their meaning that day.

Prefixes of identity numbers keep the 63 provinces of before; addresses use the table of their period.
"""

from typing import Final

from app.domain.citizen import Coded

# Keyed by the code without leading zeros, since sources write 1, 01 and 001 for the same province.
_PROVINCES_BEFORE: Final = {
    "1": "Hà Nội",
    "2": "Hà Giang",
    "4": "Cao Bằng",
    "6": "Bắc Kạn",
    "8": "Tuyên Quang",
    "10": "Lào Cai",
    "11": "Điện Biên",
    "12": "Lai Châu",
    "14": "Sơn La",
    "15": "Yên Bái",
    "17": "Hòa Bình",
    "19": "Thái Nguyên",
    "20": "Lạng Sơn",
    "22": "Quảng Ninh",
    "24": "Bắc Giang",
    "25": "Phú Thọ",
    "26": "Vĩnh Phúc",
    "27": "Bắc Ninh",
    "30": "Hải Dương",
    "31": "Hải Phòng",
    "33": "Hưng Yên",
    "34": "Thái Bình",
    "35": "Hà Nam",
    "36": "Nam Định",
    "37": "Ninh Bình",
    "38": "Thanh Hóa",
    "40": "Nghệ An",
    "42": "Hà Tĩnh",
    "44": "Quảng Bình",
    "45": "Quảng Trị",
    "46": "Thừa Thiên Huế",
    "48": "Đà Nẵng",
    "49": "Quảng Nam",
    "51": "Quảng Ngãi",
    "52": "Bình Định",
    "54": "Phú Yên",
    "56": "Khánh Hòa",
    "58": "Ninh Thuận",
    "60": "Bình Thuận",
    "62": "Kon Tum",
    "64": "Gia Lai",
    "66": "Đắk Lắk",
    "67": "Đắk Nông",
    "68": "Lâm Đồng",
    "70": "Bình Phước",
    "72": "Tây Ninh",
    "74": "Bình Dương",
    "75": "Đồng Nai",
    "77": "Bà Rịa - Vũng Tàu",
    "79": "Thành phố Hồ Chí Minh",
    "80": "Long An",
    "82": "Tiền Giang",
    "83": "Bến Tre",
    "84": "Trà Vinh",
    "86": "Vĩnh Long",
    "87": "Đồng Tháp",
    "89": "An Giang",
    "91": "Kiên Giang",
    "92": "Cần Thơ",
    "93": "Hậu Giang",
    "94": "Sóc Trăng",
    "95": "Bạc Liêu",
    "96": "Cà Mau",
}

_PROVINCES_SINCE: Final = {
    "1": "Hà Nội",
    "4": "Cao Bằng",
    "8": "Tuyên Quang",
    "11": "Điện Biên",
    "12": "Lai Châu",
    "14": "Sơn La",
    "15": "Lào Cai",
    "19": "Thái Nguyên",
    "20": "Lạng Sơn",
    "22": "Quảng Ninh",
    "24": "Bắc Ninh",
    "25": "Phú Thọ",
    "31": "Hải Phòng",
    "33": "Hưng Yên",
    "37": "Ninh Bình",
    "38": "Thanh Hóa",
    "40": "Nghệ An",
    "42": "Hà Tĩnh",
    "44": "Quảng Trị",
    "46": "Huế",
    "48": "Đà Nẵng",
    "51": "Quảng Ngãi",
    "52": "Gia Lai",
    "56": "Khánh Hòa",
    "66": "Đắk Lắk",
    "68": "Lâm Đồng",
    "75": "Đồng Nai",
    "79": "Thành phố Hồ Chí Minh",
    "80": "Tây Ninh",
    "82": "Đồng Tháp",
    "86": "Vĩnh Long",
    "91": "An Giang",
    "92": "Cần Thơ",
    "96": "Cà Mau",
}

# The first three digits of a 12-digit number are the old province code behind a zero.
_NUMBER_PREFIXES: Final = {code.zfill(3): label for code, label in _PROVINCES_BEFORE.items()}


def number_prefix_label(prefix: str) -> str | None:
    """Name the province of an identity number's first three digits; None for a country or an unknown one."""
    return _NUMBER_PREFIXES.get(prefix)


def province(code: str | None, *, has_district: bool) -> Coded | None:
    """Name the province of an address.

    An address with a district is from before 1/7/2025 and is read by the table of that time.
    The code stays as it came; None stands for an empty code.
    """
    raw = (code or "").strip()
    if not raw:
        return None
    table = _PROVINCES_BEFORE if has_district else _PROVINCES_SINCE
    return Coded(code=raw, label=table.get(raw.lstrip("0")))
