"""Reads the form of the token endpoint (RFC 6749, RFC 7523 §2.1). Refuses what is not exactly one."""

import base64
import binascii
import unicodedata
from collections.abc import Sequence
from typing import Final
from urllib.parse import parse_qsl, unquote_plus

from app.domain.caller import Scope
from app.domain.oauth import ClientCredentials, GrantType, OAuthError, OAuthErrorCode, TokenRequest

MAX_FORM_BYTES: Final = 16_384

_FORM_TYPE: Final = "application/x-www-form-urlencoded"
_MAX_FIELDS: Final = 20
_MAX_NAME_LENGTH: Final = 64
# Longer than any password that a person or a machine has, short enough that hashing it costs nothing extra.
_MAX_PASSWORD_LENGTH: Final = 256


def read_token_request(
    *, content_types: Sequence[str], authorizations: Sequence[str], body: bytes
) -> TokenRequest:
    """Read a request for a token; `content_types` and `authorizations` are all headers of that name.

    Raises:
        OAuthError: it is malformed, incomplete, or asks for what we do not have.
    """
    fields = _fields(content_types, body)
    try:
        grant_type = GrantType(_required(fields, "grant_type"))
    except ValueError:
        raise OAuthError(OAuthErrorCode.UNSUPPORTED_GRANT_TYPE, "the grant type is not supported") from None
    scopes = _scopes(fields.get("scope"))
    if grant_type is GrantType.JWT_BEARER:
        return _with_assertion(fields, authorizations, scopes)
    client = _client(fields, authorizations)
    if grant_type is GrantType.CLIENT_CREDENTIALS:
        if client is None:
            raise OAuthError(OAuthErrorCode.INVALID_CLIENT, "client authentication is missing")
        return TokenRequest(grant_type, scopes, client)
    return TokenRequest(
        grant_type,
        scopes,
        client,
        username=_text(_required(fields, "username"), _MAX_NAME_LENGTH),
        password=_text(_required(fields, "password"), _MAX_PASSWORD_LENGTH),
        otp=_text(fields["otp"], _MAX_NAME_LENGTH) if "otp" in fields else None,
    )


def _with_assertion(
    fields: dict[str, str], authorizations: Sequence[str], scopes: frozenset[Scope] | None
) -> TokenRequest:
    """Read what a front end sends: its assertion says who it is; it may name itself, with a secret or not."""
    assertion = _text(_required(fields, "assertion"), MAX_FORM_BYTES)
    client_id = fields.get("client_id")
    if authorizations or "client_secret" in fields:
        client = _client(fields, authorizations)
        return TokenRequest(GrantType.JWT_BEARER, scopes, client, assertion=assertion)
    named = None if client_id is None else _text(client_id, _MAX_NAME_LENGTH)
    return TokenRequest(GrantType.JWT_BEARER, scopes, None, assertion=assertion, client_id=named)


def _fields(content_types: Sequence[str], body: bytes) -> dict[str, str]:
    if len(content_types) != 1 or content_types[0].partition(";")[0].strip().lower() != _FORM_TYPE:
        raise _invalid(f"the body must be {_FORM_TYPE}")
    if len(body) > MAX_FORM_BYTES:
        raise _invalid("the body is too large")
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, errors="strict", max_num_fields=_MAX_FIELDS)
    except ValueError:
        raise _invalid("the body is not a form in UTF-8") from None
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise _invalid("a parameter is repeated")
    # A parameter without a value counts as left out (RFC 6749 §3.2).
    return {name: value for name, value in fields.items() if value}


def _client(fields: dict[str, str], authorizations: Sequence[str]) -> ClientCredentials | None:
    in_header = _basic(authorizations)
    client_id, secret = fields.get("client_id"), fields.get("client_secret")
    if in_header is not None:
        if secret is not None:
            raise _invalid("the client authenticates in two ways at once")
        if client_id not in {None, in_header.client_id}:
            raise _invalid("the client named in the form is not the one that authenticates")
        return in_header
    if client_id is None and secret is None:
        return None
    if client_id is None or secret is None:
        raise OAuthError(OAuthErrorCode.INVALID_CLIENT, "the client's id or secret is missing")
    return ClientCredentials(_text(client_id, _MAX_NAME_LENGTH), _text(secret, _MAX_PASSWORD_LENGTH))


def _basic(authorizations: Sequence[str]) -> ClientCredentials | None:
    if not authorizations:
        return None
    if len(authorizations) > 1:
        raise _invalid("the Authorization header is repeated")
    scheme, _, encoded = authorizations[0].strip(" ").partition(" ")
    malformed = OAuthError(OAuthErrorCode.INVALID_CLIENT, "client authentication must be HTTP Basic")
    if scheme.lower() != "basic" or len(encoded) > MAX_FORM_BYTES:
        raise malformed
    try:
        both = base64.b64decode(encoded.strip(" ").encode("ascii"), validate=True).decode()
        client_id, colon, secret = both.partition(":")
        client_id = unquote_plus(client_id, errors="strict")
        secret = unquote_plus(secret, errors="strict")
    except (binascii.Error, UnicodeError):
        raise malformed from None
    if not colon:
        raise malformed
    if not client_id and not secret:
        # The "Authorize" window of the documentation pages sends this for an officer without a client.
        return None
    return ClientCredentials(_text(client_id, _MAX_NAME_LENGTH), _text(secret, _MAX_PASSWORD_LENGTH))


def _scopes(text: str | None) -> frozenset[Scope] | None:
    if text is None:
        return None
    try:
        return frozenset(map(Scope, text.split(" ")))
    except ValueError:
        raise OAuthError(OAuthErrorCode.INVALID_SCOPE, "a scope is unknown") from None


def _required(fields: dict[str, str], name: str) -> str:
    try:
        return fields[name]
    except KeyError:
        raise _invalid(f"{name} is missing") from None


def _text(value: str, limit: int) -> str:
    """Take a name or secret as typed on any keyboard: composed and decomposed letters are the same."""
    # Checked before anything is done with it, so that a huge value costs nothing.
    if len(value) > limit:
        raise _invalid("a parameter is too long")
    if any(unicodedata.category(character) in {"Cc", "Cs"} for character in value):
        raise _invalid("a parameter holds a character that it must not")
    return unicodedata.normalize("NFC", value)


def _invalid(description: str) -> OAuthError:
    return OAuthError(OAuthErrorCode.INVALID_REQUEST, description)
