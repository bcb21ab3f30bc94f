"""The register's code lists with their Vietnamese labels.

Sources disagree on leading zeros, so codes compare as numbers; what is handed on is the code as it came.
A code that a list does not know keeps its label empty, for implementers disagree on more than zeros.
"""

from collections.abc import Mapping
from typing import Final

from app.domain.citizen import Coded

# All lists are keyed by the code without leading zeros.
_GENDERS: Final = {"1": "Nam", "2": "Nữ"}

# One source has 3 for divorced or widowed, another splits 3 and 4; these labels are true by both.
_MARITAL_STATUSES: Final = {
    "1": "Chưa kết hôn",
    "2": "Đang có vợ/chồng",
    "3": "Đã ly hôn hoặc góa",
    "4": "Góa",
}

_BLOOD_TYPES: Final = {"1": "A", "2": "B", "3": "AB", "4": "O"}

_ETHNICITIES: Final = {
    "1": "Kinh",
    "2": "Tày",
    "3": "Thái",
    "4": "Hoa",
    "5": "Khơ-me",
    "6": "Mường",
    "7": "Nùng",
    "8": "HMông",
    "9": "Dao",
    "10": "Gia-rai",
    "11": "Ngái",
    "12": "Ê-đê",
    "13": "Ba na",
    "14": "Xơ-Đăng",
    "15": "Sán Chay",
    "16": "Cơ-ho",
    "17": "Chăm",
    "18": "Sán Dìu",
    "19": "Hrê",
    "20": "Mnông",
    "21": "Ra-glai",
    "22": "Xtiêng",
    "23": "Bru-Vân Kiều",
    "24": "Thổ",
    "25": "Giáy",
    "26": "Cơ-tu",
    "27": "Gié Triêng",
    "28": "Mạ",
    "29": "Khơ-mú",
    "30": "Co",
    "31": "Tà-ôi",
    "32": "Chơ-ro",
    "33": "Kháng",
    "34": "Xinh-mun",
    "35": "Hà Nhì",
    "36": "Chu ru",
    "37": "Lào",
    "38": "La Chí",
    "39": "La Ha",
    "40": "Phù Lá",
    "41": "La Hủ",
    "42": "Lự",
    "43": "Lô Lô",
    "44": "Chứt",
    "45": "Mảng",
    "46": "Pà Thẻn",
    "47": "Cơ Lao",
    "48": "Cống",
    "49": "Bố Y",
    "50": "Si La",
    "51": "Pu Péo",
    "52": "Brâu",
    "53": "Ơ Đu",
    "54": "Rơ măm",
    "55": "Người nước ngoài",
    "56": "Không rõ",
    "99": "Không rõ",
}

_RELIGIONS: Final = {
    "0": "Không",
    "1": "Phật giáo",
    "2": "Công giáo",
    "3": "Phật giáo Hòa Hảo",
    "4": "Hồi giáo",
    "5": "Cao Đài",
    "6": "Minh Sư đạo",
    "7": "Minh Lý đạo",
    "8": "Tin lành",
    "9": "Tịnh độ cư sĩ",
    "10": "Tứ Ân Hiếu Nghĩa",
    "11": "Bửu Sơn Kỳ Hương",
    "12": "Baha'i",
    "13": "Bà-la-môn",
    "14": "Mặc Môn",
}

HEAD_HIMSELF: Final = "CH01"
"""The relationship code that the record of a household's head carries."""

# The only relationship code that was ever seen on the wire; a deployment may know more.
_RELATIONSHIPS: Final = {HEAD_HIMSELF: "Chủ hộ"}

_COUNTRIES: Final = {"VN": "Việt Nam"}

_NO_INFORMATION: Final = "0"


def gender(raw: str | None) -> Coded | None:
    """Read a gender code (giới tính); 0 means that there is no information."""
    return _known(raw, _GENDERS)


def marital_status(raw: str | None) -> Coded | None:
    """Read a marital status (tình trạng hôn nhân)."""
    return _coded(raw, _MARITAL_STATUSES)


def blood_type(raw: str | None) -> Coded | None:
    """Read a blood type (nhóm máu); 00 means that there is no information."""
    return _known(raw, _BLOOD_TYPES)


def ethnicity(raw: str | None) -> Coded | None:
    """Read an ethnicity (dân tộc) by the national portal's list, not the census'."""
    return _coded(raw, _ETHNICITIES)


def religion(raw: str | None) -> Coded | None:
    """Read a religion (tôn giáo); 0 is an answer here: none."""
    return _coded(raw, _RELIGIONS)


def relationship(raw: str | None, labels: Mapping[str, str] | None = None) -> Coded | None:
    """Read a relationship to the head of the household (quan hệ với chủ hộ).

    Args:
        raw: The code as it came.
        labels: What a deployment knows beyond CH01; its own wording goes first.
    """
    return _text_coded(raw, _RELATIONSHIPS | dict(labels or {}))


def country(raw: str | None) -> Coded | None:
    """Read an ISO 3166 alpha-2 country code (quốc gia, quốc tịch)."""
    return _text_coded(raw, _COUNTRIES)


def as_number(code: str) -> str:
    """Give a code without its leading zeros, the form in which codes compare."""
    # As text: `int` would take other scripts' digits and choke on very long ones.
    return code.lstrip("0") or _NO_INFORMATION


def _text_coded(raw: str | None, labels: Mapping[str, str]) -> Coded | None:
    code = (raw or "").strip()
    return Coded(code=code, label=labels.get(code)) if code else None


def _coded(raw: str | None, labels: Mapping[str, str]) -> Coded | None:
    code = (raw or "").strip()
    return Coded(code=code, label=labels.get(as_number(code))) if code else None


def _known(raw: str | None, labels: Mapping[str, str]) -> Coded | None:
    coded = _coded(raw, labels)
    return None if coded is None or as_number(coded.code) == _NO_INFORMATION else coded
