"""Shapes of the token endpoint (RFC 6749) and of the public keys (RFC 7517)."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict

from app.domain.caller import Scope
from app.domain.oauth import GrantType, OAuthErrorCode
from app.schemas.base import ResponseSchema
from app.schemas.terms import term


class TokenForm(BaseModel):
    """The form as documented; `app/intake/token_request.py` reads it, as OAuth has rules of its own."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"grant_type": "password", "username": "receiver", "password": "sandbox"},
                {"grant_type": "client_credentials", "client_id": "portal", "client_secret": "sandbox"},
                {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": "eyJhbGciOi..."},
            ]
        }
    )

    grant_type: Annotated[GrantType, term("How the caller proves who it is.", "hình thức cấp quyền")]
    username: Annotated[str, term("The officer's account.", "tên đăng nhập", max_length=64)] = ""
    password: Annotated[str, term("The officer's password.", "mật khẩu", max_length=256)] = ""
    otp: Annotated[
        str, term("One-time code, for accounts with a second factor.", "mã xác thực", max_length=64)
    ] = ""
    assertion: Annotated[
        str, term("A front end's signed word for its officer (RFC 7523).", "xác nhận của hệ thống một cửa")
    ] = ""
    client_id: Annotated[str, term("Id of the system.", "mã hệ thống kết nối", max_length=64)] = ""
    client_secret: Annotated[
        str,
        term("The system's secret, here or by HTTP Basic.", "khóa bí mật của hệ thống", max_length=256),
    ] = ""
    scope: Annotated[
        str, term("Scopes asked for, separated by blanks; left out, all.", "phạm vi quyền yêu cầu")
    ] = ""


class TokenRead(ResponseSchema):
    """A new access token."""

    access_token: Annotated[str, term("The token, a signed JWT.", "mã truy cập")]
    token_type: Annotated[Literal["Bearer"], term("How it is sent.", "loại mã truy cập")]
    expires_in: Annotated[int, term("Seconds that it is good for.", "thời hạn tính bằng giây")]
    scope: Annotated[str, term("Scopes that it holds, separated by blanks.", "phạm vi quyền")]


class OAuthErrorRead(ResponseSchema):
    """Why there is no token (RFC 6749 §5.2)."""

    error: Annotated[OAuthErrorCode, term("Code of the error.", "mã lỗi")]
    error_description: Annotated[str, term("What was wrong, for developers.", "mô tả lỗi")]


class PublicKeyRead(ResponseSchema):
    """One public key (RFC 7517)."""

    kty: Annotated[Literal["EC"], term("Kind of key.", "loại khóa")]
    crv: Annotated[Literal["P-256"], term("Its curve.", "đường cong")]
    x: Annotated[str, term("Its point, x.", "tọa độ x")]
    y: Annotated[str, term("Its point, y.", "tọa độ y")]
    use: Annotated[Literal["sig"], term("What it is for.", "mục đích sử dụng khóa")]
    alg: Annotated[Literal["ES256"], term("The algorithm it is used with.", "thuật toán ký")]
    kid: Annotated[str, term("Its id, which a token's header names.", "mã khóa")]


class PublicKeysRead(ResponseSchema):
    """The keys that access tokens are signed with."""

    keys: Annotated[tuple[PublicKeyRead, ...], term("The public keys.", "danh sách khóa công khai")]


class AuthorizationServerRead(ResponseSchema):
    """What an integrator's library reads to find its way (RFC 8414)."""

    issuer: Annotated[str, term("`iss` of our tokens.", "đơn vị phát hành mã truy cập")]
    token_endpoint: Annotated[str, term("Where tokens are given.", "địa chỉ cấp mã truy cập")]
    jwks_uri: Annotated[str, term("Where the public keys are.", "địa chỉ khóa công khai")]
    service_documentation: Annotated[str, term("The pages for developers.", "địa chỉ tài liệu")]
    scopes_supported: Annotated[tuple[Scope, ...], term("All scopes.", "phạm vi quyền")]
    response_types_supported: Annotated[
        tuple[str, ...], term("Empty: nobody logs in by a browser here.", "kiểu phản hồi")
    ]
    grant_types_supported: Annotated[tuple[GrantType, ...], term("Ways to a token.", "hình thức cấp quyền")]
    token_endpoint_auth_methods_supported: Annotated[
        tuple[str, ...], term("How a system sends its secret.", "cách xác thực hệ thống kết nối")
    ]
