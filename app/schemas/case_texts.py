"""The texts and numbers of a case's form."""

import re
from typing import Annotated, Final
from uuid import UUID

from app.schemas.checked import Checked, refuse
from app.schemas.terms import term
from app.schemas.texts import text
from app.schemas.times import Day

MAX_EMAIL_LENGTH: Final = 254

# An area code stands in brackets with a blank behind it: (0225) 382 2222.
_PHONE: Final = re.compile(r"\(?\+?[0-9](?:[ .()-]{0,2}[0-9]){5,14}")
_EMAIL: Final = re.compile(r"[!-?A-~]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8}")
_UUID: Final = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def _phone(raw: str) -> str:
    if not _PHONE.fullmatch(raw):
        refuse("pattern")
    return raw


def _email(raw: str) -> str:
    if len(raw) > MAX_EMAIL_LENGTH:
        refuse("too-long")
    if not _EMAIL.fullmatch(raw):
        refuse("pattern")
    return raw


def _lookup_id(raw: str) -> UUID:
    if not _UUID.fullmatch(raw):
        refuse("invalid-uuid")
    return UUID(raw)


Phone = Annotated[
    str,
    Checked(_phone, {"pattern": f"^{_PHONE.pattern}$"}),
    term("Telephone number.", "số điện thoại", examples=["0912 345 678"]),
]
Email = Annotated[
    str,
    Checked(_email, {"format": "email", "maxLength": MAX_EMAIL_LENGTH}),
    term("E-mail address.", "thư điện tử", examples=["nguoi.nop@example.vn"]),
]
Address = Annotated[
    str,
    text(max_length=500),
    term("Address for letters.", "địa chỉ liên hệ", examples=["Số 1, phường Thử Nghiệm"]),
]
OtherDocument = Annotated[
    str,
    text(max_length=100),
    term(
        "Passport or other paper of a person without an identity number.",
        "giấy tờ khác",
        examples=["Hộ chiếu C0000001"],
    ),
]
OrganizationName = Annotated[
    str,
    text(max_length=200),
    term(
        "Organisation for which the case is handed in.",
        "tên tổ chức",
        examples=["Công ty TNHH Thử Nghiệm"],
    ),
]
DocumentName = Annotated[
    str, text(max_length=300), term("What the paper is.", "tên giấy tờ", examples=["Tờ khai"])
]
FieldVisitDay = Annotated[Day, term("Day of the visit on site.", "ngày thực địa", examples=["2026-11-26"])]
LookupId = Annotated[
    UUID,
    Checked(_lookup_id, {"format": "uuid"}),
    term("Id of a lookup.", "mã tra cứu", examples=["6f1c6e0e-5d0a-4a3c-9f0b-0a4b7e6c2d11"]),
]
