"""Names as Vietnamese families give them, with what goes along: ethnicity, religion, home provinces.

Only parts of names are listed here. Any likeness of a whole name with a living person's is chance.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from app.sandbox.dice import Dice, Weighted

Sex = Literal["1", "2"]
MALE: Final[Sex] = "1"
FEMALE: Final[Sex] = "2"


@dataclass(frozen=True, slots=True)
class People:
    """A people (dân tộc) and how it names its children.

    A name is the family name, a middle part and a given part, unless the people puts the family name last.
    `provinces` are codes since 1/7/2025; empty means all of them.
    """

    ethnicity: str
    family_names: Weighted[str]
    middle: dict[Sex, Sequence[str]]
    given: dict[Sex, Sequence[str]]
    religions: Weighted[str]
    provinces: Sequence[str] = ()
    is_family_name_last: bool = False

    def name(self, dice: Dice, *, family_name: str, sex: Sex) -> str:
        """Make up a name of the family."""
        middle, given = dice.pick(self.middle[sex]), dice.pick(self.given[sex])
        if self.is_family_name_last:
            return f"{middle}{given} {family_name}"
        return " ".join(part for part in (family_name, middle, given) if part)


def _even(names: str) -> Weighted[str]:
    return Weighted([(name, 1) for name in names.split()])


_FEW_BELIEVERS: Final = Weighted([("0", 80), ("1", 12), ("2", 6), ("8", 1), ("5", 1)])

KINH: Final = People(
    ethnicity="01",
    family_names=Weighted([
        ("NGUYỄN", 32), ("TRẦN", 11), ("LÊ", 10), ("PHẠM", 7), ("HOÀNG", 5), ("PHAN", 5), ("VŨ", 4),
        ("ĐẶNG", 3), ("BÙI", 3), ("ĐỖ", 2), ("HỒ", 2), ("NGÔ", 2), ("DƯƠNG", 2), ("LÝ", 1), ("ĐOÀN", 1),
        ("TRỊNH", 1), ("MAI", 1), ("ĐINH", 1), ("LƯƠNG", 1), ("CAO", 1), ("TÔN THẤT", 1), ("HUỲNH", 2),
        ("VÕ", 2), ("TẠ", 1), ("CHU", 1), ("QUÁCH", 1),
    ]),
    middle={
        MALE: ("VĂN", "VĂN", "VĂN", "HỮU", "ĐỨC", "CÔNG", "QUANG", "MINH", "XUÂN", "ĐÌNH", "NGỌC", "QUỐC",
               "THÀNH", "TRỌNG", "BÁ", "DUY", "GIA", "ANH", ""),
        FEMALE: ("THỊ", "THỊ", "THỊ", "THỊ THU", "THỊ MINH", "THỊ NGỌC", "THỊ THUỲ", "THỊ HỒNG", "NGỌC",
                 "THU", "BẢO", "KHÁNH", "THANH", "MAI", "QUỲNH", "PHƯƠNG", "DIỆU", ""),
    },
    given={
        MALE: ("ANH", "BÌNH", "CƯỜNG", "DŨNG", "DUY", "ĐẠT", "ĐỨC", "GIANG", "HẢI", "HIẾU", "HÒA", "HOÀ",
               "HÙNG", "HUY", "KHANG", "KHOA", "KIÊN", "LÂM", "LONG", "MINH", "NAM", "NGHĨA", "PHONG",
               "PHÚC", "QUÂN", "QUÝ", "SƠN", "TÂM", "THẮNG", "THỊNH", "THUỶ", "TOÀN", "TRUNG", "TUẤN",
               "TÙNG", "VIỆT", "VINH", "VƯỢNG"),
        FEMALE: ("ANH", "ÁNH", "CHI", "DIỄM", "DUNG", "DƯƠNG", "GIANG", "HÀ", "HẠNH", "HIỀN", "HOA", "HÒA",
                 "HƯƠNG", "HƯỜNG", "HUYỀN", "LAN", "LIÊN", "LINH", "LOAN", "LY", "MAI", "MY", "NGA", "NGÂN",
                 "NGỌC", "NHUNG", "OANH", "PHƯƠNG", "QUYÊN", "THẢO", "THOA", "THÚY", "THUỲ", "THỦY", "TRANG",
                 "TRÂM", "TUYẾT", "UYÊN", "VÂN", "VY", "XUÂN", "YẾN"),
    },
    religions=_FEW_BELIEVERS,
)  # fmt: skip

_TAY: Final = People(
    ethnicity="02",
    family_names=_even("NÔNG HOÀNG LÝ BẾ MA VI LỤC ĐÀM HÀ"),
    middle={MALE: ("VĂN", "ĐỨC", "QUANG"), FEMALE: ("THỊ", "THỊ THU", "BÍCH")},
    given={MALE: ("TÀI", "THỤ", "SINH", "HỢP", "KHOÁNG"), FEMALE: ("NỌI", "MẨY", "DIỆN", "THƠM", "BIÊN")},
    religions=_FEW_BELIEVERS,
    provinces=("4", "20", "8", "19"),
)
_THAI: Final = People(
    ethnicity="03",
    family_names=_even("LÒ CẦM QUÀNG TÒNG CÀ HÀ VÌ LƯỜNG"),
    middle={MALE: ("VĂN", "VĂN"), FEMALE: ("THỊ", "THỊ")},
    given={MALE: ("PÂNG", "THƯƠNG", "HẶC", "ÁNH", "DUÂN"), FEMALE: ("PHONG", "XƯƠNG", "IN", "LẢ", "PÀNH")},
    religions=Weighted([("0", 1)]),
    provinces=("14", "11", "12"),
)
_MUONG: Final = People(
    ethnicity="06",
    family_names=_even("BÙI ĐINH QUÁCH HÀ BẠCH XA"),
    middle={MALE: ("VĂN", "CÔNG", "THANH"), FEMALE: ("THỊ", "THỊ")},
    given={MALE: ("NHẤN", "ỰNG", "DẬU", "KHUYÊN"), FEMALE: ("DẺO", "MỴ", "LỴ", "NHỎ", "HẸN")},
    religions=_FEW_BELIEVERS,
    provinces=("25", "38"),
)
_KHMER: Final = People(
    ethnicity="05",
    family_names=_even("THẠCH SƠN KIM DANH LÂM KIÊN CHÂU"),
    middle={MALE: ("SÔ", "SA", "NGỌC", ""), FEMALE: ("THỊ", "THỊ SÀ", "SA", "")},
    given={MALE: ("PHOL", "RITHY", "KHEL", "PHIA", "OL"), FEMALE: ("RY", "MÂY", "PHA LY", "NA RI", "CHANH")},
    religions=Weighted([("1", 9), ("0", 1)]),
    provinces=("86", "92", "91", "96"),
)
_HMONG: Final = People(
    ethnicity="08",
    family_names=_even("GIÀNG SÙNG VÀNG THÀO MÙA LÝ HẠNG LẦU CỨ"),
    middle={MALE: ("A", "A", "SEO", "MÍ"), FEMALE: ("THỊ", "Y", "SEO")},
    given={MALE: ("PHỬ", "SÌN", "DẾ", "TỦA", "CHỨ", "LỬ"), FEMALE: ("MAY", "DÍ", "SÚA", "MỶ", "CHO", "XUA")},
    religions=Weighted([("0", 7), ("8", 3)]),
    provinces=("15", "8", "11", "12"),
)
_EDE: Final = People(
    ethnicity="12",
    family_names=_even("NIÊ MLÔ ÊBAN KBUÔR AYŬN BYĂ KNUL"),
    middle={MALE: ("Y ",), FEMALE: ("H'",)},
    given={
        MALE: ("BLIÊNG", "THOAN", "JŬT", "NGUYÊN", "DHĂM"),
        FEMALE: ("BIA", "JUAN", "MRAI", "NGUÔM", "LUI"),
    },
    religions=Weighted([("8", 5), ("0", 4), ("2", 1)]),
    provinces=("66",),
    is_family_name_last=True,
)

PEOPLES: Final = Weighted(
    [(KINH, 86), (_TAY, 2), (_THAI, 2), (_MUONG, 2), (_KHMER, 2), (_HMONG, 3), (_EDE, 3)]
)
