"""Shapes of what officers do with their own accounts."""

from typing import Annotated

from pydantic import ConfigDict

from app.schemas.accounts import new_secret
from app.schemas.base import RequestSchema, ResponseSchema
from app.schemas.terms import term
from app.schemas.texts import VietnamTime


class OwnAccountRead(ResponseSchema):
    """How the own account stands; while it needs anything, its tokens have no scopes."""

    has_second_factor: Annotated[bool, term("Whether log-in asks for a code.", "xác thực hai yếu tố")]
    needs_second_factor: Annotated[
        bool,
        term("Whether a second factor must be enrolled first.", "phải đăng ký xác thực hai yếu tố trước"),
    ]
    needs_new_password: Annotated[
        bool, term("Whether the password must be changed first.", "phải đổi mật khẩu trước")
    ]
    password_set_at: Annotated[
        VietnamTime | None,
        term("When the password was set; null if that is not known.", "thời điểm đặt mật khẩu"),
    ]


CurrentPassword = Annotated[
    str,
    new_secret(min_length=1),
    term("The present password.", "mật khẩu hiện tại", examples=["sandbox"]),
]


class PasswordChange(RequestSchema):
    """A new password for the own account (đổi mật khẩu)."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"current_password": "sandbox", "new_password": "Vi-du: 8 con de trang"}]
        }
    )

    current_password: CurrentPassword
    new_password: Annotated[
        str,
        new_secret(min_length=1),
        term("The password from now on.", "mật khẩu mới", examples=["Vi-du: 8 con de trang"]),
    ]


class SecondFactorRequest(RequestSchema):
    """The officer's own word for enrolling a second factor (đăng ký xác thực hai yếu tố)."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"current_password": "sandbox"}]})

    current_password: CurrentPassword


class SecondFactorOffer(ResponseSchema):
    """A secret of one-time codes, told only here; it counts once a code of it was confirmed."""

    secret: Annotated[str, term("The secret, in base32.", "khóa bí mật của mã xác thực")]
    otpauth_uri: Annotated[
        str, term("The same for a phone, to be shown as a QR code.", "địa chỉ otpauth của mã xác thực")
    ]
    qr_rows: Annotated[
        tuple[str, ...],
        term(
            "Rows of that QR code from the top, 1 for a dark module; without the quiet margin of four.",
            "các hàng của mã QR",
        ),
    ]


class SecondFactorConfirmation(RequestSchema):
    """A code of the offered secret (xác nhận mã xác thực)."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"otp": "915211"}]})

    otp: Annotated[
        str,
        term(
            "Six digits, as the phone shows them.", "mã xác thực", pattern="^[0-9]{6}$", examples=["915211"]
        ),
    ]
