"""Words of OAuth 2.0 (RFC 6749): what is asked of the token endpoint, and how it refuses."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from app.domain.caller import Scope


class GrantType(StrEnum):
    """How a caller proves who it is."""

    PASSWORD = "password"  # noqa: S105 - the name of a grant, not a password
    CLIENT_CREDENTIALS = "client_credentials"
    JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"


class OAuthErrorCode(StrEnum):
    """Error codes of RFC 6749 §5.2."""

    INVALID_REQUEST = "invalid_request"
    INVALID_CLIENT = "invalid_client"
    INVALID_GRANT = "invalid_grant"
    UNAUTHORIZED_CLIENT = "unauthorized_client"
    UNSUPPORTED_GRANT_TYPE = "unsupported_grant_type"
    INVALID_SCOPE = "invalid_scope"


class OAuthError(Exception):
    """A request for a token is refused; the description is for developers and repeats nothing sent."""

    def __init__(self, code: OAuthErrorCode, description: str) -> None:
        super().__init__(code.value)
        self.code = code
        self.description = description


@dataclass(frozen=True, slots=True)
class ClientCredentials:
    """A client's id and secret, by HTTP Basic or in the form."""

    client_id: str
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """A request for a token, complete for its grant; `scopes` None asks for all that there are.

    The user name is not shown either: people type their password into the wrong field. `client_id` is a
    front end that names itself beside its `assertion` without a secret.
    """

    grant_type: GrantType
    scopes: frozenset[Scope] | None
    client: ClientCredentials | None
    username: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)
    otp: str | None = field(default=None, repr=False)
    assertion: str | None = field(default=None, repr=False)
    client_id: str | None = None


TOKEN_PATH: Final = "/auth/token"  # noqa: S105 - a path, not a secret

ACCESS_TOKEN_TYPE: Final = "at+jwt"  # noqa: S105 - a media type (RFC 9068), not a secret
