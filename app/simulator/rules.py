"""Rules for single values of a question, the same on each wire."""

import re
from datetime import date
from typing import Final

from app.domain.person_name import NameForm, PersonName
from app.simulator.asked import WrongRequestError

_OFFICER: Final = re.compile(r"[0-9]{12}")
_NEW_NUMBER: Final = re.compile(r"[0-9]{12}")
_OLD_NUMBER: Final = re.compile(r"[0-9]{9}")
_DAY: Final = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
_YEAR: Final = re.compile(r"[0-9]{4}")
_TOKEN: Final = re.compile(r"[!-~]{1,100}")
_PHONE: Final = re.compile(r"\+?[0-9]{1,20}")

_NUMBER_FORMS: Final = {"SoDinhDanh": _NEW_NUMBER, "SoCMND": _OLD_NUMBER}


def code(name: str, value: str) -> str:
    """Return a code or an id of 1 to 100 ASCII characters, without blanks."""
    return _fitting(_TOKEN, name, value)


def officer(value: str) -> str:
    """Return the number of the officer who asks."""
    return _fitting(_OFFICER, "MaCanBo", value)


def phone(value: str) -> str:
    """Return a telephone number, or the 0 that stands for none."""
    return _fitting(_PHONE, "SoDienThoai", value)


def identity_number(name: str, value: str) -> str:
    """Return a number of 12 digits (SoDinhDanh) or of 9 (SoCMND)."""
    return _fitting(_NUMBER_FORMS[name], name, value)


def day(value: str) -> str:
    """Return a day of the calendar, `yyyyMMdd`."""
    form = _DAY.fullmatch(value)
    if form is None:
        raise WrongRequestError("NgayThangNam is not yyyyMMdd")
    try:
        date(*(int(part) for part in form.groups()))
    except ValueError:
        raise WrongRequestError("NgayThangNam is no day of the calendar") from None
    return value


def year(value: str) -> str:
    """Return a year, `yyyy`."""
    return _fitting(_YEAR, "Nam", value)


def day_or_year(value: str) -> str:
    """Return what the JSON wire has in one member: `yyyyMMdd` or `yyyy`."""
    return value if _YEAR.fullmatch(value) else day(value)


def full_name(value: str, form: NameForm) -> str:
    """Return a name in the form that is expected."""
    try:
        normal = PersonName(value).value
    except ValueError:
        raise WrongRequestError("HoVaTen is no name") from None
    is_plain = value.isascii()
    is_right = {
        NameForm.AS_IS: True,
        NameForm.UPPER: value == value.upper(),
        NameForm.UPPER_NO_DIACRITICS: is_plain and value == value.upper(),
        NameForm.UPPER_NO_DIACRITICS_NO_BLANKS: is_plain and value == value.upper() and " " not in value,
    }
    if normal != value or not is_right[form]:
        raise WrongRequestError("HoVaTen is not in the form that is expected")
    return value


def _fitting(form: "re.Pattern[str]", name: str, value: str) -> str:
    if not form.fullmatch(value):
        raise WrongRequestError(f"{name} has not the form that is expected")
    return value
