import pytest
from pydantic import ValidationError

from app.settings.settings import Settings
from tests.unit.test_settings import PRODUCTION

IN_PRODUCTION = PRODUCTION | {"audit_anchor_directory": "/srv/anchor"}


def test_no_foreign_page_may_call_unless_a_setting_names_its_origin() -> None:
    assert Settings().allowed_origins == ()


@pytest.mark.parametrize(
    ("written", "origins"),
    [
        ("https://motcua.example.vn", ("https://motcua.example.vn",)),
        ("https://a.vn:8443, https://b.vn,", ("https://a.vn:8443", "https://b.vn")),
        ("http://127.0.0.1:3000,http://localhost:3000", ("http://127.0.0.1:3000", "http://localhost:3000")),
        ("http://[::1]:3000", ("http://[::1]:3000",)),
    ],
)
def test_exact_origins_are_taken(written: str, origins: tuple[str, ...]) -> None:
    assert Settings(cors_origins=written).allowed_origins == origins


@pytest.mark.parametrize(
    "written",
    [
        "*",
        "null",
        "https://*.example.vn",
        "https://motcua.example.vn/",
        "https://motcua.example.vn/console",
        "https://MOTCUA.example.vn",
        "https://một-cửa.vn",
        "https://user@example.vn",
        "https://example.vn:443",
        "http://127.0.0.1:80",
        "https://example.vn:65536",
        "https://example.vn:0",
        "http://example.vn",
        "http://127.0.0.1.example.vn",
        "ftp://example.vn",
        "example.vn",
        "https://a.vn https://b.vn",
        "https://a.vn,*",
        "https://a.vn?x",
        "https://",
    ],
)
def test_whatever_is_no_exact_and_safe_origin_does_not_start(written: str) -> None:
    with pytest.raises(ValidationError, match="CORS_ORIGINS"):
        Settings(cors_origins=written)


def test_production_takes_no_page_that_came_unencrypted() -> None:
    Settings.model_validate(IN_PRODUCTION | {"cors_origins": "https://motcua.example.vn"})
    with pytest.raises(ValidationError, match="CORS_ORIGINS must be https in production"):
        Settings.model_validate(IN_PRODUCTION | {"cors_origins": "http://localhost:3000"})
