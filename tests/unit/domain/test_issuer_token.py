"""What a token of another issuer must say, each wrong thing by itself."""

from typing import Any, Final

import pytest

from app.domain.issuer_token import (
    IssuerRules,
    IssuerToken,
    IssuerTokenRefusedError,
    checked_issuer_token,
)

NOW: Final = 1_700_000_000
RULES: Final = IssuerRules("https://sso.example/realms/city", "motcua", "preferred_username")
CLAIMS: Final[dict[str, Any]] = {
    "iss": RULES.issuer,
    "aud": "motcua",
    "sub": "f3b1",
    "preferred_username": "receiver",
    "iat": NOW,
    "exp": NOW + 300,
}


def checked(claims: dict[str, Any], rules: IssuerRules = RULES) -> IssuerToken:
    return checked_issuer_token(claims, rules, now=NOW)


def test_a_token_tells_the_account_and_its_time() -> None:
    assert checked(CLAIMS) == IssuerToken("receiver", NOW - 30, NOW + 300)


GOOD: Final[dict[str, dict[str, Any]]] = {
    "for us among others": {"aud": ["account", "motcua"]},
    "of the kind that its issuer calls Bearer": {"typ": "Bearer"},
    "of a clock that is behind": {"exp": NOW - 29},
    "of a clock that is ahead": {"iat": NOW + 30, "nbf": NOW + 30},
    "with roles that are none of ours": {"realm_access": {"roles": ["admin"]}, "scope": "openid admin"},
}


@pytest.mark.parametrize("changed", GOOD.values(), ids=GOOD)
def test_these_tokens_are_taken(changed: dict[str, Any]) -> None:
    assert checked(CLAIMS | changed).username == "receiver"


BAD: Final[dict[str, dict[str, Any]]] = {
    "another issuer": {"iss": "https://evil.example"},
    "issuer with a slash": {"iss": RULES.issuer + "/"},
    "list of issuers": {"iss": [RULES.issuer]},
    "another audience": {"aud": "frontend"},
    "no audience among several": {"aud": ["frontend", "account"]},
    "audience as an object": {"aud": {"motcua": 1}},
    "audience with something that is no text": {"aud": ["motcua", 1]},
    "ID token by its nonce": {"nonce": "n"},
    "ID token by its hash": {"at_hash": "h"},
    "ID token by its kind": {"typ": "ID"},
    "refresh token": {"typ": "Refresh"},
    "kind that is no text": {"typ": ["Bearer"]},
    "expired": {"exp": NOW - 30},
    "not yet valid": {"nbf": NOW + 31},
    "issued in the future": {"iat": NOW + 31},
    "expiry as text": {"exp": str(NOW + 60)},
    "expiry as a fraction": {"exp": NOW + 60.5},
    "expiry as true": {"exp": True},
    "beginning as null": {"nbf": None},
    "account as a list": {"preferred_username": ["receiver"]},
    "empty account": {"preferred_username": ""},
    "account too long": {"preferred_username": "x" * 65},
    "account with a control character": {"preferred_username": "receiver\n"},
    "subject as a number": {"sub": 1},
}


@pytest.mark.parametrize("changed", BAD.values(), ids=BAD)
def test_these_tokens_are_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(IssuerTokenRefusedError):
        checked(CLAIMS | changed)


@pytest.mark.parametrize("name", CLAIMS)
def test_a_token_without_one_of_these_is_refused(name: str) -> None:
    with pytest.raises(IssuerTokenRefusedError):
        checked({key: value for key, value in CLAIMS.items() if key != name})


def test_an_address_names_an_account_only_if_the_issuer_has_verified_it() -> None:
    rules = IssuerRules(RULES.issuer, RULES.audience, "email")
    mail = CLAIMS | {"email": "a@city.example"}
    assert checked(mail | {"email_verified": True}, rules).username == "a@city.example"
    for claims in (mail, mail | {"email_verified": False}, mail | {"email_verified": "true"}):
        with pytest.raises(IssuerTokenRefusedError):
            checked(claims, rules)
