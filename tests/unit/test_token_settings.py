"""Settings of assertions and of another issuer: what is refused at the start."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from app.settings.settings import Settings, load_settings

ISSUER = {"MOTCUA_OIDC_ISSUER": "https://sso.example/realms/city", "MOTCUA_OIDC_AUDIENCE": "motcua"}


def loaded(**changed: str) -> Settings:
    return load_settings(ISSUER | {f"MOTCUA_{name}": value for name, value in changed.items()})


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in ISSUER.items():
        monkeypatch.setenv(name, value)


def test_an_issuer_is_kept_exactly_as_written() -> None:
    assert loaded().oidc_issuer == ISSUER["MOTCUA_OIDC_ISSUER"]
    assert loaded().oidc_algorithm_names == {"ES256", "RS256", "PS256", "EdDSA"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("OIDC_ISSUER", "sso.example"),
        ("OIDC_ISSUER", "ftp://sso.example"),
        ("OIDC_ISSUER", "https://"),
        ("OIDC_ISSUER", "https://sso.example/?realm=city"),
        ("OIDC_ISSUER", "https://sso.example/#city"),
        ("OIDC_ISSUER", "https://user:secret@sso.example"),
        ("OIDC_ISSUER", "https://sso.example:port"),
        ("OIDC_ISSUER", "http://127.0.0.1:8000"),
        ("OIDC_ISSUER", "http://127.0.0.1:8000/"),
        ("OIDC_JWKS_URL", "sso.example/keys"),
        ("OIDC_ALGORITHMS", "HS256"),
        ("OIDC_ALGORITHMS", "RS256,none"),
        ("OIDC_ALGORITHMS", ""),
        ("OIDC_USERNAME_CLAIM", ""),
        ("OIDC_CA_FILE", "/nowhere/ca.pem"),
        ("ASSERTION_LIFETIME_SECONDS", "86400"),
        ("LOGIN_SOURCE_FAILURES", "0"),
    ],
)
def test_unsafe_and_unusable_values_are_refused(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(f"MOTCUA_{name}", value)
    with pytest.raises(ValidationError) as refused:
        loaded()
    assert "secret" not in str(refused.value)


def test_an_issuer_needs_an_audience_and_an_audience_an_issuer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MOTCUA_OIDC_AUDIENCE")
    with pytest.raises(ValidationError):
        load_settings({})
    monkeypatch.delenv("MOTCUA_OIDC_ISSUER")
    load_settings({})
    monkeypatch.setenv("MOTCUA_OIDC_AUDIENCE", "motcua")
    with pytest.raises(ValidationError):
        load_settings({})


@pytest.mark.parametrize("name", ["OIDC_ISSUER", "OIDC_JWKS_URL"])
def test_production_asks_the_issuer_by_https_only(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    production = {
        "ENV": "production",
        "PUBLIC_URL": "https://motcua.example",
        "NPD_PROFILE": "ndxp-soap",
        "NPD_URL": "https://npd.example",
        "NPD_USERNAME": "a",
        "NPD_SECRET": "b",
        "AUDIT_ANCHOR_DIRECTORY": str(tmp_path),
    }
    for key, value in production.items():
        monkeypatch.setenv(f"MOTCUA_{key}", value)
    loaded()
    monkeypatch.setenv(f"MOTCUA_{name}", "http://sso.example/realms/city")
    with pytest.raises(ValidationError, match=name):
        loaded()
