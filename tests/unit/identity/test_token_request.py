"""The form of the token endpoint: what is read, and with which error the rest is refused."""

import base64

import pytest

from app.domain.caller import Scope
from app.domain.oauth import GrantType, OAuthError, TokenRequest
from app.intake.token_request import read_token_request

FORM = "application/x-www-form-urlencoded"
PASSWORD = b"grant_type=password&username=receiver&password=sandbox"
CLIENT = b"grant_type=client_credentials"


def read(
    body: bytes, *, types: tuple[str, ...] = (FORM,), authorizations: tuple[str, ...] = ()
) -> TokenRequest:
    return read_token_request(content_types=types, authorizations=authorizations, body=body)


def error_of(body: bytes, *, types: tuple[str, ...] = (FORM,), authorizations: tuple[str, ...] = ()) -> str:
    with pytest.raises(OAuthError) as refused:
        read(body, types=types, authorizations=authorizations)
    return refused.value.code.value


def basic(text: str | bytes) -> str:
    raw = text.encode() if isinstance(text, str) else text
    return "Basic " + base64.b64encode(raw).decode()


def test_an_officer_asks_with_a_password() -> None:
    request = read(PASSWORD)
    assert request.grant_type is GrantType.PASSWORD
    assert (request.username, request.password) == ("receiver", "sandbox")
    assert (request.client, request.scopes) == (None, None)


def test_a_system_asks_with_its_secret_in_the_form_or_by_basic() -> None:
    in_form = read(CLIENT + b"&client_id=portal&client_secret=sandbox")
    in_header = read(CLIENT, authorizations=(basic("portal:sandbox"),))
    assert in_form == in_header
    assert in_form.client is not None
    assert (in_form.client.client_id, in_form.client.secret) == ("portal", "sandbox")


def test_basic_is_decoded_as_oauth_says() -> None:
    request = read(CLIENT, authorizations=(basic("a%3Ab:c%25+d:e"),))
    assert request.client is not None
    assert (request.client.client_id, request.client.secret) == ("a:b", "c% d:e")


@pytest.mark.parametrize("scheme", ["basic", "BASIC", "Basic "])
def test_the_schemes_case_and_blanks_do_not_matter(scheme: str) -> None:
    encoded = basic("portal:sandbox").removeprefix("Basic ")
    assert read(CLIENT, authorizations=(f"{scheme} {encoded}",)).client is not None


def test_an_empty_basic_header_is_an_officer_without_a_client() -> None:
    assert read(PASSWORD, authorizations=(basic(":"),)).client is None


def test_the_same_client_may_be_named_twice() -> None:
    assert read(CLIENT + b"&client_id=portal", authorizations=(basic("portal:sandbox"),)).client is not None


def test_passwords_typed_with_taken_apart_letters_are_the_same() -> None:
    composed = read("grant_type=password&username=a&password=mật".encode())
    apart = read("grant_type=password&username=a&password=mật".encode())
    assert composed == apart


def test_empty_and_unknown_parameters_are_left_out() -> None:
    assert read(PASSWORD + b"&scope=&client_id=&client_secret=&resource=x") == read(PASSWORD)


def test_scopes_are_read_as_a_set() -> None:
    request = read(PASSWORD + b"&scope=cases:read+verify:id-card+cases:read")
    assert request.scopes == frozenset({Scope.CASES_READ, Scope.VERIFY_ID_CARD})


def test_neither_name_nor_password_is_shown() -> None:
    shown = repr(read(PASSWORD)) + repr(read(CLIENT, authorizations=(basic("portal:sandbox"),)))
    assert "sandbox" not in shown
    assert "receiver" not in shown


INVALID_REQUESTS = {
    "empty": b"",
    "no grant type": b"username=receiver&password=sandbox",
    "no user name": b"grant_type=password&password=sandbox",
    "no password": b"grant_type=password&username=receiver",
    "empty password": b"grant_type=password&username=receiver&password=",
    "repeated password": PASSWORD + b"&password=other",
    "repeated unknown": PASSWORD + b"&x=1&x=2",
    "repeated empty": PASSWORD + b"&scope=&scope=",
    "NUL in the password": PASSWORD + b"%00",
    "NUL in the name": b"grant_type=password&username=a%00b&password=sandbox",
    "line feed in the name": b"grant_type=password&username=a%0Ab&password=sandbox",
    "lone surrogate": PASSWORD + b"%ED%A0%80",
    "not UTF-8": PASSWORD + b"%FF",
    "raw bytes that are not UTF-8": PASSWORD + b"\xff",
    "long password": PASSWORD + b"x" * 300,
    "huge password": PASSWORD + b"x" * 100_000,
    "long name": b"grant_type=password&password=x&username=" + b"x" * 65,
    "many parameters": PASSWORD + b"&a=b" * 200,
    "JSON": b'{"grant_type":"password"}',
}


@pytest.mark.parametrize("body", INVALID_REQUESTS.values(), ids=INVALID_REQUESTS)
def test_a_malformed_or_incomplete_form_is_an_invalid_request(body: bytes) -> None:
    assert error_of(body) == "invalid_request"


@pytest.mark.parametrize("types", [(), ("application/json",), (FORM, FORM), ("",), ("multipart/form-data",)])
def test_another_content_type_is_an_invalid_request(types: tuple[str, ...]) -> None:
    assert error_of(PASSWORD, types=types) == "invalid_request"


def test_a_charset_may_be_named() -> None:
    assert read(PASSWORD, types=("Application/X-WWW-Form-Urlencoded; charset=UTF-8",)) == read(PASSWORD)


def test_two_ways_to_authenticate_at_once_are_an_invalid_request() -> None:
    header = (basic("portal:sandbox"),)
    both = CLIENT + b"&client_id=portal&client_secret=sandbox"
    assert error_of(both, authorizations=header) == "invalid_request"
    assert error_of(CLIENT + b"&client_id=other", authorizations=header) == "invalid_request"
    assert error_of(CLIENT, authorizations=header * 2) == "invalid_request"


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Basic",
        "Basic !!!!",
        "Basic Đ",
        "Bearer abc",
        "Digest x",
        basic("no-colon"),
        basic(b"\xff:x"),
        basic("%FF:x"),
        basic(":"),
        "Basic " + "A" * 20_000,
    ],
)
def test_a_client_that_does_not_authenticate_is_invalid(header: str) -> None:
    assert error_of(CLIENT, authorizations=(header,)) == "invalid_client"


def test_half_of_a_clients_credentials_are_invalid() -> None:
    for half in (b"", b"&client_id=portal", b"&client_secret=sandbox"):
        assert error_of(CLIENT + half) == "invalid_client"
    assert error_of(PASSWORD + b"&client_id=portal") == "invalid_client"


@pytest.mark.parametrize(
    "grant", ["refresh_token", "PASSWORD", "urn:ietf:params:oauth:grant-type:saml2-bearer", "%00"]
)
def test_another_grant_type_is_unsupported(grant: str) -> None:
    assert error_of(f"grant_type={grant}".encode()) == "unsupported_grant_type"


@pytest.mark.parametrize("scope", ["everything", "cases:read%20%20admin", "Cases:read", "%00", "a" * 9000])
def test_an_unknown_scope_is_invalid(scope: str) -> None:
    assert error_of(PASSWORD + f"&scope={scope}".encode()) == "invalid_scope"


JWT_BEARER = b"grant_type=urn:ietf:params:oauth:grant-type:jwt-bearer"


def test_a_front_end_asks_with_an_assertion_and_may_name_itself() -> None:
    request = read(JWT_BEARER + b"&assertion=a.b.c")
    assert (request.grant_type, request.assertion) == (GrantType.JWT_BEARER, "a.b.c")
    assert (request.client, request.client_id) == (None, None)
    assert read(JWT_BEARER + b"&assertion=a.b.c&client_id=frontend").client_id == "frontend"


def test_a_front_end_may_send_its_secret_too() -> None:
    request = read(JWT_BEARER + b"&assertion=a.b.c", authorizations=(basic("frontend:secret"),))
    assert request.client is not None
    assert request.client.client_id == "frontend"


def test_a_request_without_an_assertion_is_invalid() -> None:
    assert error_of(JWT_BEARER) == "invalid_request"
    assert error_of(JWT_BEARER + b"&assertion=") == "invalid_request"
    assert error_of(JWT_BEARER + b"&assertion=a.b.c&assertion=a.b.c") == "invalid_request"


def test_an_assertion_is_not_shown() -> None:
    assert "a.b.c" not in repr(read(JWT_BEARER + b"&assertion=a.b.c"))
