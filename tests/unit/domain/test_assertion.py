"""What an assertion's claims must be, each wrong one by itself."""

from typing import Any, Final

import pytest

from app.domain.assertion import Assertion, AssertionRefusedError, checked_assertion, issuer_of

NOW: Final = 1_700_000_000
ENDPOINT: Final = "https://motcua.example/auth/token"
ISSUER: Final = "https://motcua.example"
CLAIMS: Final = {
    "iss": "frontend",
    "sub": "receiver",
    "aud": ENDPOINT,
    "exp": NOW + 60,
    "nbf": NOW,
    "iat": NOW,
    "jti": "one",
}


def checked(claims: dict[str, Any]) -> Assertion:
    return checked_assertion(claims, audiences={ENDPOINT, ISSUER}, lifetime_seconds=300, now=NOW)


def test_an_assertion_says_who_vouches_for_whom_until_when() -> None:
    assert checked(CLAIMS) == Assertion("frontend", "receiver", "one", NOW + 60)


GOOD: Final[dict[str, dict[str, Any]]] = {
    "for the issuer": {"aud": ISSUER},
    "for one in a list": {"aud": [ENDPOINT]},
    "as long as may be": {"exp": NOW + 305},
    "just not expired": {"exp": NOW - 4},
    "of a clock that is ahead": {"nbf": NOW + 5, "iat": NOW + 5},
    "with more than is asked": {"act": {"sub": "x"}, "scope": "admin"},
    "for a name with blanks and letters of any kind": {"sub": "cán bộ 1"},
}


@pytest.mark.parametrize("changed", GOOD.values(), ids=GOOD)
def test_these_assertions_are_taken(changed: dict[str, Any]) -> None:
    checked(CLAIMS | changed)


def test_beginning_and_issue_may_be_left_out() -> None:
    checked({name: value for name, value in CLAIMS.items() if name not in {"nbf", "iat"}})


BAD: Final[dict[str, dict[str, Any]]] = {
    "another audience": {"aud": "https://other.example/auth/token"},
    "audience with a slash": {"aud": ISSUER + "/"},
    "two audiences": {"aud": [ENDPOINT, "https://other.example"]},
    "the same audience twice": {"aud": [ENDPOINT, ENDPOINT]},
    "no audience in the list": {"aud": []},
    "list in a list": {"aud": [[ENDPOINT]]},
    "audience as an object": {"aud": {ENDPOINT: True}},
    "our access tokens' audience": {"aud": "motcua"},
    "expired": {"exp": NOW - 5},
    "too long": {"exp": NOW + 306},
    "expiry as text": {"exp": str(NOW + 60)},
    "expiry as a fraction": {"exp": NOW + 60.5},
    "expiry as true": {"exp": True},
    "expiry as null": {"exp": None},
    "begins in the future": {"nbf": NOW + 6},
    "issued in the future": {"iat": NOW + 6},
    "issued as text": {"iat": "now"},
    "issued as null": {"iat": None},
    "issuer as a list": {"iss": ["frontend"]},
    "empty issuer": {"iss": ""},
    "subject as a number": {"sub": 7},
    "subject too long": {"sub": "x" * 65},
    "subject with a control character": {"sub": "receiver\x00"},
    "subject with a lone surrogate": {"sub": "receiver\ud800"},
    "id as a number": {"jti": 1},
    "empty id": {"jti": ""},
    "id too long": {"jti": "x" * 256},
}


@pytest.mark.parametrize("changed", BAD.values(), ids=BAD)
def test_these_assertions_are_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(AssertionRefusedError):
        checked(CLAIMS | changed)


@pytest.mark.parametrize("name", ["iss", "sub", "aud", "exp", "jti"])
def test_an_assertion_without_one_of_these_is_refused(name: str) -> None:
    with pytest.raises(AssertionRefusedError):
        checked({key: value for key, value in CLAIMS.items() if key != name})


def test_a_refusal_repeats_nothing_of_the_assertion() -> None:
    for name in CLAIMS:
        with pytest.raises(AssertionRefusedError) as refused:
            checked(CLAIMS | {name: ["MARKED"]})
        assert "MARKED" not in refused.value.reason


def test_the_issuer_can_be_told_before_anything_is_proved() -> None:
    assert issuer_of(CLAIMS) == "frontend"
    with pytest.raises(AssertionRefusedError):
        issuer_of({})
