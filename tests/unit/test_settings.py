from pathlib import Path

import pytest
from pydantic import ValidationError

from app.settings.settings import Settings, load_settings


def test_the_defaults_are_a_sandbox_on_this_machine_only() -> None:
    settings = load_settings({})
    assert (settings.env, settings.host, settings.npd_profile) == ("sandbox", "127.0.0.1", "mock")


def test_a_mistyped_setting_does_not_start_with_its_default() -> None:
    with pytest.raises(ValueError, match="no such setting: MOTCUA_DATABSE_URL"):
        load_settings({"MOTCUA_DATABSE_URL": "postgresql://secret"})


def test_the_tests_own_variable_is_no_mistyped_setting() -> None:
    load_settings({"MOTCUA_TEST_POSTGRES_URL": "x", "PATH": "/bin"})


@pytest.mark.parametrize(
    "values",
    [
        {"env": "production"},
        {"audit_origin": "two words"},
        {"audit_origin": ""},
        {"audit_checkpoint_patience_seconds": 0},
        {"database_url": "mysql://root:hunter2@localhost/x"},
        {"database_url": "postgresql://motcua:hunter2@a:5432,b:5432/x"},
        {"database_url": "postgresql://motcua:hunter2@a,b/x?target_session_attrs=any"},
        {"workers": 0},
        {"port": 70000},
        {"npd_timeout_seconds": 0},
        {"surprise": 1},
    ],
)
def test_an_unsafe_or_impossible_setting_does_not_start_and_is_not_echoed(values: dict[str, object]) -> None:
    with pytest.raises(ValidationError) as refused:
        Settings.model_validate(values)
    assert "hunter2" not in str(refused.value)


def test_the_database_password_does_not_print() -> None:
    assert "hunter2" not in repr(Settings(database_url="postgresql://motcua:hunter2@db/motcua"))


@pytest.mark.parametrize(
    ("url", "servers"),
    [
        ("sqlite:///var/a,b.db", ()),
        ("postgresql://motcua:p,w@db/motcua", ("db",)),
        ("postgresql://db:5433/motcua", ("db",)),
        ("postgresql://postgres:@/postgres?host=/run/db", ()),
        ("postgresql://m@a:5432,[::1]:5433/x?target_session_attrs=read-write", ("a", "::1")),
        ("postgresql://m@a,b/x?sslmode=require&target_session_attrs=primary", ("a", "b")),
    ],
)
def test_servers_of_a_database_are_told(url: str, servers: tuple[str, ...]) -> None:
    assert Settings(database_url=url).database_servers == servers


PRODUCTION = {
    "env": "production",
    "public_url": "https://motcua.example.vn/api",
    "npd_profile": "ndxp-soap",
    "npd_url": "https://npd.example/",
    "npd_username": "u",
    "npd_secret": "s",
}


def test_production_does_not_start_without_a_place_for_checkpoints_outside_the_database() -> None:
    with pytest.raises(ValidationError, match="AUDIT_ANCHOR_DIRECTORY"):
        Settings.model_validate(PRODUCTION)
    with pytest.raises(ValidationError, match="AUDIT_ANCHOR_DIRECTORY"):
        Settings.model_validate(PRODUCTION | {"audit_anchor_directory": ""})
    Settings.model_validate(PRODUCTION | {"audit_anchor_directory": "/srv/anchor"})


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"npd_profile": "mock"}, "mock"),
        ({"public_url": "http://motcua.example.vn"}, "PUBLIC_URL must be https"),
        ({"npd_url": "http://npd.example/"}, "NPD_URL must be https"),
        ({"npd_url": "HTTP://npd.example/"}, "NPD_URL must be https"),
        (
            {
                "npd_profile": "lgsp-json",
                "npd_client_id": "a",
                "npd_client_secret": "b",
                "npd_token_url": "http://lgsp.example/token",
            },
            "NPD_TOKEN_URL must be https",
        ),
        ({"workers": 5}, "WORKERS must be at most 4 on SQLite"),
        ({"trusted_proxies": "*"}, "TRUSTED_PROXIES must name addresses"),
        ({"trusted_proxies": "10.0.0.1, 0.0.0.0/0"}, "TRUSTED_PROXIES must name addresses"),
        ({"npd_secret": ""}, "NPD_SECRET is needed"),
    ],
)
def test_production_does_not_start_with_what_is_unsafe(changes: dict[str, object], reason: str) -> None:
    safe = PRODUCTION | {"audit_anchor_directory": "/srv/anchor"}
    Settings.model_validate(safe)
    with pytest.raises(ValidationError, match=reason):
        Settings.model_validate(safe | changes)


@pytest.mark.parametrize(
    "address",
    ["npd.example/dancu", "ftp://npd/", "https://", "https://npd/a b", "https://npd\\a", "https://dữ.vn/"],
)
def test_an_address_that_cannot_be_sent_as_it_is_written_is_refused(address: str) -> None:
    with pytest.raises(ValidationError, match="address"):
        Settings(npd_url=address)


@pytest.mark.parametrize(
    "address", ["https://u:hunter2@npd/", "https://npd/?hunter2", "https://npd/#hunter2"]
)
def test_an_address_has_neither_credentials_nor_a_query(address: str) -> None:
    with pytest.raises(ValidationError, match="NPD_URL is a plain address") as refused:
        Settings(npd_url=address)
    assert "hunter2" not in str(refused.value)


def test_production_serves_with_many_workers_on_postgresql() -> None:
    safe = PRODUCTION | {"audit_anchor_directory": "/srv/anchor", "workers": 32}
    Settings.model_validate(safe | {"database_url": "postgresql://motcua@db/motcua"})


def test_the_audit_log_is_named_after_the_public_host_unless_it_has_a_name() -> None:
    assert Settings(public_url="https://motcua.example.vn:8443/api").origin == "motcua.example.vn/audit"
    assert Settings(audit_origin="log.example/1").origin == "log.example/1"


def test_the_issuer_has_no_closing_slash() -> None:
    assert Settings().issuer == "http://127.0.0.1:8000"


@pytest.mark.parametrize("proxies", ["10.1.2.3/16", "proxy.example.vn", "10.1.2.3,", "10.1.2.3;10.1.2.4"])
def test_a_proxy_that_nobody_could_be_is_refused(proxies: str) -> None:
    with pytest.raises(ValidationError, match="addresses or networks"):
        Settings(trusted_proxies=proxies)


def test_proxies_are_addresses_and_networks() -> None:
    assert Settings(trusted_proxies="10.1.2.3, fd00::/8").trusted_proxies == "10.1.2.3,fd00::/8"


@pytest.mark.parametrize("key", ["khóa", "a\nb", "\ufeffkey", ""])
def test_a_key_that_cannot_stand_in_a_header_is_refused(key: str) -> None:
    with pytest.raises(ValidationError, match="NPD_API_KEY cannot stand in a header") as refused:
        Settings(npd_api_key=key)
    assert "khóa" not in str(refused.value)


def test_a_byte_order_mark_of_a_secrets_file_is_no_part_of_it(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text("\ufeffabc\n", encoding="utf-8")
    settings = load_settings({"MOTCUA_NPD_API_KEY_FILE": str(file)})
    assert settings.npd_api_key is not None
    assert settings.npd_api_key.get_secret_value() == "abc"
