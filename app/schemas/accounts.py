"""Shapes of agencies and officers' accounts, as administrators see and change them."""

import unicodedata
from typing import Annotated, Final, Self

from pydantic import ConfigDict
from pydantic.config import JsonDict

from app.domain.accounts import MOST_PASSWORD_LENGTH, OfficerAccount, OfficerPut
from app.domain.caller import Role
from app.domain.directory import Agency
from app.domain.keyed_page import KeyedPage
from app.errors import FieldFaultError
from app.schemas.base import RequestSchema, ResponseSchema
from app.schemas.checked import Checked, refuse
from app.schemas.cursors import NextCursor, encode_cursor
from app.schemas.terms import term
from app.schemas.texts import AgencyCode, VietnamTime, text, unrepeated

_PERSONAL_NUMBER_LENGTH: Final = 12

AGENCY_EXAMPLE: Final[JsonDict] = {
    "code": "H24.17",
    "name": "Ủy ban nhân dân xã Ví Dụ",
    "parent": "H24",
}
OFFICER_EXAMPLE: Final[JsonDict] = {
    "full_name": "Cán bộ tiếp nhận Ví Dụ",
    "agency": "H24.15",
    "roles": ["receiver"],
    "id_number": "100185000909",
    "is_active": True,
}
OFFICER_SHOWN_EXAMPLE: Final[JsonDict] = {
    "username": "receiver9",
    **OFFICER_EXAMPLE,
    "id_number": "100********9",
    "has_second_factor": False,
    "locked_until": None,
    "last_login_at": "2026-11-23T08:00:00+07:00",
}


def _personal_number(raw: str) -> str:
    if len(raw) != _PERSONAL_NUMBER_LENGTH or not raw.isascii() or not raw.isdigit():
        refuse("invalid-id-number")
    return raw


def new_secret(*, min_length: int, max_length: int = MOST_PASSWORD_LENGTH) -> Checked:
    """Annotate a password or secret that is to be set."""

    def check(raw: str) -> str:
        if len(raw) > max_length:
            refuse("too-long")
        if len(raw) < min_length:
            refuse("too-short")
        if any(not character.isprintable() for character in raw):
            refuse("control-character")
        # As log-in compares it, whichever keyboard it is typed on.
        return unicodedata.normalize("NFC", raw)

    return Checked(check, {"minLength": min_length, "maxLength": max_length, "format": "password"})


def check_path(sent: str | None, in_path: str, pointer: str) -> None:
    """Refuse a body that names another than its path.

    Raises:
        FieldFaultError: it does.
    """
    if sent not in {None, in_path}:
        raise FieldFaultError(pointer, "not-allowed")


class AgencyPut(RequestSchema):
    """An agency, to be created or replaced (cơ quan)."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "Xã Ví Dụ", "parent": "H24"}]})

    code: Annotated[AgencyCode, term("The path's code, if sent at all.", "mã định danh cơ quan")] | None = (
        None
    )
    name: Annotated[str, text(max_length=200), term("Name of the agency.", "tên cơ quan")]
    parent: Annotated[
        AgencyCode | None, term("Code of the agency above; null for the root alone.", "cơ quan cấp trên")
    ]

    def to_agency(self, code: str) -> Agency:
        """Convert to the domain's value.

        Raises:
            FieldFaultError: the body's code is not the path's.
        """
        check_path(self.code, code, "/code")
        return Agency(code, self.name, self.parent)


class AgencyRead(ResponseSchema):
    """An agency (cơ quan) of the tree."""

    model_config = ConfigDict(json_schema_extra={"examples": [AGENCY_EXAMPLE]})

    code: AgencyCode
    name: Annotated[str, term("Name of the agency.", "tên cơ quan")]
    parent: Annotated[str | None, term("Code of the agency above; null for the root.", "cơ quan cấp trên")]

    @classmethod
    def of(cls, agency: Agency) -> Self:
        """Show an agency."""
        return cls(code=agency.code, name=agency.name, parent=agency.parent_code)


class AgencyListRead(ResponseSchema):
    """A page of agencies in the order of their codes."""

    items: Annotated[list[AgencyRead], term("The agencies of this page.", "danh sách cơ quan")]
    next_cursor: NextCursor

    @classmethod
    def of(cls, page: KeyedPage[Agency]) -> Self:
        """Show a page."""
        return cls(items=[AgencyRead.of(agency) for agency in page.items], next_cursor=next_of(page))


class OfficerPutRequest(RequestSchema):
    """An officer's account, to be created or replaced (tài khoản cán bộ)."""

    model_config = ConfigDict(json_schema_extra={"examples": [OFFICER_EXAMPLE]})

    username: Annotated[str, term("The path's user name, if sent at all.", "tên đăng nhập")] | None = None
    full_name: Annotated[str, text(max_length=200), term("Name of the officer.", "họ tên cán bộ")]
    agency: Annotated[AgencyCode, term("Agency that the officer belongs to.", "cơ quan")]
    roles: Annotated[
        list[Role],
        term("What the officer does.", "vai trò", min_length=1, max_length=len(Role)),
        unrepeated(),
    ]
    id_number: (
        Annotated[
            str,
            Checked(_personal_number, {"pattern": "^[0-9]{12}$"}),
            term(
                "The officer's own number, sent to the register; left out it is kept, null takes it away.",
                "số định danh cá nhân của cán bộ",
                examples=["100185000909"],
            ),
        ]
        | None
    ) = None
    is_active: Annotated[bool, term("Whether the account may be used.", "tài khoản còn hiệu lực")] = True
    password: (
        Annotated[
            str,
            new_secret(min_length=1),
            term(
                "New password; left out it is kept. Never shown.",
                "mật khẩu",
                examples=["Vi-du: 8 con de trang"],
            ),
        ]
        | None
    ) = None

    def to_put(self, username: str) -> OfficerPut:
        """Convert to the domain's value.

        Raises:
            FieldFaultError: the body's user name is not the path's.
        """
        check_path(self.username, username, "/username")
        return OfficerPut(
            username=username,
            full_name=self.full_name,
            agency_code=self.agency,
            roles=tuple(self.roles),
            is_active=self.is_active,
            id_number=self.id_number,
            drops_id_number="id_number" in self.model_fields_set and self.id_number is None,
            password=self.password,
        )


class OfficerRead(ResponseSchema):
    """An officer's account (tài khoản cán bộ)."""

    model_config = ConfigDict(json_schema_extra={"examples": [OFFICER_SHOWN_EXAMPLE]})

    username: Annotated[str, term("The officer's user name.", "tên đăng nhập")]
    full_name: Annotated[str, term("Name of the officer.", "họ tên cán bộ")]
    agency: Annotated[str, term("Agency that the officer belongs to.", "cơ quan")]
    roles: Annotated[list[Role], term("What the officer does.", "vai trò")]
    id_number: Annotated[
        str | None,
        term("The officer's own number, masked; null if none is on file.", "số định danh cá nhân của cán bộ"),
    ]
    is_active: Annotated[bool, term("Whether the account may be used.", "tài khoản còn hiệu lực")]
    has_second_factor: Annotated[bool, term("Whether log-in asks for a code.", "xác thực hai yếu tố")]
    locked_until: Annotated[
        VietnamTime | None, term("Until when bad log-ins keep the account locked.", "khóa đến")
    ]
    last_login_at: Annotated[VietnamTime | None, term("Last log-in, to the hour.", "đăng nhập gần nhất")]

    @classmethod
    def of(cls, account: OfficerAccount) -> Self:
        """Show an account."""
        return cls(
            username=account.username,
            full_name=account.full_name,
            agency=account.agency_code,
            roles=list(account.roles),
            id_number=account.id_number,
            is_active=account.is_active,
            has_second_factor=account.has_second_factor,
            locked_until=account.locked_until,
            last_login_at=account.last_login_at,
        )


class OfficerListRead(ResponseSchema):
    """A page of officers' accounts in the order of their user names."""

    items: Annotated[list[OfficerRead], term("The accounts of this page.", "danh sách cán bộ")]
    next_cursor: NextCursor

    @classmethod
    def of(cls, page: KeyedPage[OfficerAccount]) -> Self:
        """Show a page."""
        return cls(items=[OfficerRead.of(account) for account in page.items], next_cursor=next_of(page))


def next_of(page: KeyedPage[object]) -> str | None:
    """Give the cursor of the page after this one."""
    return None if page.next_key is None else encode_cursor(page.next_key)
