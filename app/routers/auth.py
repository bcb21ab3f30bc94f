"""Gives access tokens and publishes the keys to check them with."""

from typing import Any, Final

from fastapi import APIRouter, Request, Response
from starlette.responses import JSONResponse

from app import problems
from app.deps import Logins, Metrics, Tokens
from app.domain.oauth import OAuthError, OAuthErrorCode
from app.errors import RequestTimeoutError, RequestTooLargeError, ServiceUnavailableError
from app.intake.route import ServiceRoute
from app.intake.token_request import read_token_request
from app.schemas.auth import OAuthErrorRead, PublicKeysRead, TokenForm, TokenRead

router = APIRouter(route_class=ServiceRoute, tags=["identity"])

# RFC 6749 §5.1 asks for both, also on errors.
_NOT_STORED: Final = {"Cache-Control": "no-store", "Pragma": "no-cache"}
# A new key is published this long before it signs anything.
_KEYS_MAX_AGE_SECONDS: Final = 300

_FORM_BODY: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {"application/x-www-form-urlencoded": {"schema": TokenForm.model_json_schema()}},
    }
}


@router.post(
    "/auth/token",
    summary="Đăng nhập, cấp mã truy cập",
    response_model=TokenRead,
    openapi_extra=_FORM_BODY,
    responses={
        400: {"model": OAuthErrorRead, "description": "The token is refused."},
        401: {"model": OAuthErrorRead, "description": "The system did not prove who it is."},
        **problems.responses(RequestTimeoutError, RequestTooLargeError, ServiceUnavailableError),
    },
)
async def issue_token(request: Request, logins: Logins, figures: Metrics) -> Response:
    """Log an officer in with `password`, or a system with `client_credentials`.

    Errors are those of RFC 6749 §5.2. Five bad log-ins lock an account for 15 minutes; the answer stays
    `invalid_grant`. A system may send its secret by HTTP Basic or in the form, not both.
    """
    try:
        wanted = read_token_request(
            content_types=request.headers.getlist("content-type"),
            authorizations=request.headers.getlist("authorization"),
            body=await request.body(),
        )
        token = await logins.token(wanted)
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


@router.get("/.well-known/jwks.json", summary="Khóa công khai", responses=problems.responses())
async def public_keys(tokens: Tokens, response: Response) -> PublicKeysRead:
    """Publish the keys that access tokens are signed with (RFC 7517)."""
    response.headers["Cache-Control"] = f"public, max-age={_KEYS_MAX_AGE_SECONDS}"
    return PublicKeysRead.model_validate(tokens.jwks())


def _refusal(refusal: OAuthError) -> Response:
    is_about_client = refusal.code is OAuthErrorCode.INVALID_CLIENT
    headers = _NOT_STORED | ({"WWW-Authenticate": 'Basic realm="motcua"'} if is_about_client else {})
    answer = OAuthErrorRead(error=refusal.code, error_description=refusal.description)
    return JSONResponse(answer.model_dump(mode="json"), 401 if is_about_client else 400, headers)
