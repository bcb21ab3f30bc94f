"""Gives access tokens and publishes the keys to check them with."""

from typing import Any, Final

from fastapi import APIRouter, Request, Response
from starlette.responses import JSONResponse

from app.deps import Logins, Metrics, Tokens
from app.domain.caller import Scope
from app.domain.oauth import TOKEN_PATH, GrantType, OAuthError, OAuthErrorCode
from app.errors import (
    RequestTimeoutError,
    RequestTooLargeError,
    ServiceUnavailableError,
    TooManyLoginsError,
)
from app.intake.bearer import source_address_of
from app.intake.route import ServiceRoute
from app.intake.token_request import read_token_request
from app.problems import problems
from app.schemas.auth import AuthorizationServerRead, OAuthErrorRead, PublicKeysRead, TokenForm, TokenRead

router = APIRouter(route_class=ServiceRoute, tags=["identity"])

# RFC 6749 §5.1 asks for both, also on errors.
_NOT_STORED: Final = {"Cache-Control": "no-store", "Pragma": "no-cache"}
# A new key is published this long before it signs anything.
_KEYS_MAX_AGE_SECONDS: Final = 300

_KEYS_PATH: Final = "/.well-known/jwks.json"

_TOKEN_FORM: Final = TokenForm.model_json_schema(ref_template="#/components/schemas/{model}")
_FORM_BODY: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {"application/x-www-form-urlencoded": {"schema": _TOKEN_FORM}},
    }
}


@router.post(
    TOKEN_PATH,
    summary="Đăng nhập, cấp mã truy cập",
    response_model=TokenRead,
    openapi_extra=_FORM_BODY,
    responses={
        400: {"model": OAuthErrorRead, "description": "The token is refused."},
        401: {"model": OAuthErrorRead, "description": "The system did not prove who it is."},
        **problems.responses(
            RequestTimeoutError, RequestTooLargeError, TooManyLoginsError, ServiceUnavailableError
        ),
    },
)
async def issue_token(request: Request, logins: Logins, figures: Metrics) -> Response:
    """Log an officer in with `password` or a front end's `assertion`, or a system with `client_credentials`.

    Errors are those of RFC 6749 §5.2. Five bad log-ins lock an account for 15 minutes; the answer stays
    `invalid_grant`. After many bad log-ins from one address, that address gets 429 for a time. A system may
    send its secret by HTTP Basic or in the form, not both.

    An assertion (RFC 7523) is a JWT that a registered front end signs for one of its officers: `iss` is its
    client id, `sub` the officer's account, `aud` this address, `exp` a few minutes away, `jti` always new.
    """
    try:
        wanted = read_token_request(
            content_types=request.headers.getlist("content-type"),
            authorizations=request.headers.getlist("authorization"),
            body=await request.body(),
        )
        token = await logins.token(wanted, source_address=source_address_of(request))
    except OAuthError as refusal:
        figures.login_ended(refusal.code.value)
        return _refusal(refusal)
    figures.login_ended("accepted")
    answer = TokenRead(
        access_token=token.value,
        token_type="Bearer",  # noqa: S106 - OAuth's name of a kind, not a secret
        expires_in=token.lifetime_seconds,
        scope=token.scope,
    )
    return JSONResponse(answer.model_dump(mode="json"), headers=_NOT_STORED)


@router.get(_KEYS_PATH, summary="Khóa công khai", responses=problems.responses())
async def public_keys(tokens: Tokens, response: Response) -> PublicKeysRead:
    """Publish the keys that access tokens are signed with (RFC 7517)."""
    response.headers["Cache-Control"] = f"public, max-age={_KEYS_MAX_AGE_SECONDS}"
    return PublicKeysRead.model_validate(tokens.jwks())


@router.get(
    "/.well-known/oauth-authorization-server",
    summary="Thông tin máy chủ cấp quyền",
    responses=problems.responses(),
)
async def authorization_server(tokens: Tokens, response: Response) -> AuthorizationServerRead:
    """Tell where tokens are given, for which grants, and where the public keys are (RFC 8414)."""
    response.headers["Cache-Control"] = f"public, max-age={_KEYS_MAX_AGE_SECONDS}"
    return AuthorizationServerRead(
        issuer=tokens.issuer,
        token_endpoint=f"{tokens.issuer}{TOKEN_PATH}",
        jwks_uri=f"{tokens.issuer}{_KEYS_PATH}",
        service_documentation=f"{tokens.issuer}/docs",
        scopes_supported=tuple(Scope),
        response_types_supported=(),
        grant_types_supported=tuple(GrantType),
        token_endpoint_auth_methods_supported=("none", "client_secret_basic", "client_secret_post"),
    )


def _refusal(refusal: OAuthError) -> Response:
    is_about_client = refusal.code is OAuthErrorCode.INVALID_CLIENT
    headers = _NOT_STORED | ({"WWW-Authenticate": 'Basic realm="motcua"'} if is_about_client else {})
    answer = OAuthErrorRead(error=refusal.code, error_description=refusal.description)
    return JSONResponse(answer.model_dump(mode="json"), 401 if is_about_client else 400, headers)
