"""Every setting of the service, its unit and default. An unsafe combination does not start.

Settings come from environment variables `MOTCUA_<NAME>`; each one is a row of docs/settings.md.
"""

import os
import re
from collections.abc import Iterator, Mapping
from ipaddress import ip_network
from pathlib import Path
from typing import Any, Literal, Self, get_args
from urllib.parse import parse_qs, urlsplit

from pydantic import Field, HttpUrl, SecretStr, field_validator, model_validator
from pydantic_settings import SettingsConfigDict

from app.domain.checkpoint import is_key_name
from app.settings.account import AccountSettings
from app.settings.alert import AlertSettings
from app.settings.audit import AuditSettings
from app.settings.budget import BudgetSettings
from app.settings.cross_origin import CrossOriginSettings
from app.settings.load import LoadSettings
from app.settings.npd import NpdSettings
from app.settings.snooping import SnoopingSettings
from app.settings.token import TokenSettings
from app.settings.trace import TraceSettings
from app.settings.webhook import WebhookSettings
from app.settings.working_time import WorkingTimeSettings

PREFIX = "MOTCUA_"
# One process writes at a time to a SQLite file, so that more of them only wait for each other; who needs more
# has more than one host, and a file cannot be shared by hosts.
MOST_WORKERS_ON_SQLITE = 4
_POSTGRES_SERVERS = re.compile(r"postgresql://(?:[^@]*@)?([^/?@]*)")
_TEST_VARIABLES = frozenset({"MOTCUA_TEST_POSTGRES_URL"})


class Settings(
    AccountSettings,
    AlertSettings,
    AuditSettings,
    BudgetSettings,
    CrossOriginSettings,
    LoadSettings,
    NpdSettings,
    SnoopingSettings,
    TokenSettings,
    TraceSettings,
    WebhookSettings,
    WorkingTimeSettings,
):
    """Where the service listens, and where its data, keys and people are."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, extra="forbid", frozen=True, hide_input_in_errors=True, populate_by_name=True
    )

    env: Literal["sandbox", "production"] = Field(
        "sandbox", description="`sandbox` has invented people and accounts; `production` refuses them."
    )
    database_url: str = Field(
        "sqlite:///var/motcua.db",
        description="`sqlite:///path` or `postgresql://user:password@host:port/name`; several servers as "
        "`host:port,host:port` with `?target_session_attrs=read-write`.",
        repr=False,
    )
    database_pool_size: int = Field(
        4,
        ge=1,
        le=50,
        description="Connections of one process for each of writing, reading and searching.",
    )
    database_pooler: Literal["none", "transaction"] = Field(
        "none",
        description="`transaction` if PgBouncer stands before PostgreSQL in transaction mode: nothing is "
        "prepared, and sessions are set by its `connect_query`.",
    )
    key_file: Path = Field(
        Path("var/keys.json"),
        description="File with the data and token keys, mode 0600; made at first start in the sandbox.",
    )
    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(8000, ge=1, le=65535, description="Port to listen on.")
    workers: int = Field(1, ge=1, le=64, description="Number of server processes.")
    public_url: HttpUrl = Field(
        HttpUrl("http://127.0.0.1:8000"),
        description="Address under which callers reach the service; `iss` of our tokens.",
    )
    trusted_proxies: str = Field(
        "", description="Addresses of proxies whose X-Forwarded-For is believed, separated by commas."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="Least level logged.")
    sandbox_population_file: Path | None = Field(
        None, description="Invented population for the mock, as `motcua sandbox --people N` writes it."
    )
    max_body_bytes: int = Field(262_144, ge=1024, description="Largest request body, in bytes.")
    request_timeout_seconds: float = Field(
        30.0, gt=0, le=30, description="How long a request may take to arrive whole."
    )

    @model_validator(mode="after")
    def _refuse_unsafe_combinations(self) -> Self:
        if self.env == "production":
            for is_unsafe, reason in self._unsafe_in_production():
                if is_unsafe:
                    raise ValueError(reason)
        if (self.alert_webhook_url is None) != (self.alert_webhook_secret is None):
            raise ValueError("ALERT_WEBHOOK_URL and ALERT_WEBHOOK_SECRET go together")
        if not self.database_url.startswith(("sqlite:///", "postgresql://")):
            raise ValueError("DATABASE_URL must begin with sqlite:/// or postgresql://")
        if self._may_ask_a_standby():
            raise ValueError(
                "DATABASE_URL with several servers needs target_session_attrs=read-write (or primary)"
            )
        if not is_key_name(self.origin):
            raise ValueError("AUDIT_ORIGIN must have no blank and no plus")
        return self

    def _may_ask_a_standby(self) -> bool:
        """Tell whether the address names several servers and not which of them is the right one."""
        wanted = parse_qs(self.database_url.rpartition("?")[2]).get("target_session_attrs", [""])[-1]
        return len(self.database_servers) > 1 and wanted not in {"read-write", "primary"}

    def _unsafe_in_production(self) -> Iterator[tuple[bool, str]]:
        """Tell of each thing that must not be so where real people are looked up whether it is."""
        yield self.npd_profile == "mock", "the mock population database must not run in production"
        yield self.budgets == "off", "BUDGETS must be on in production"
        yield self.public_url.scheme != "https", "PUBLIC_URL must be https in production"
        is_plain_page = any(not origin.startswith("https://") for origin in self.allowed_origins)
        yield is_plain_page, "CORS_ORIGINS must be https in production"
        yield self.audit_anchor_directory is None, "AUDIT_ANCHOR_DIRECTORY must be set in production"
        many_on_sqlite = self.database_url.startswith("sqlite:") and self.workers > MOST_WORKERS_ON_SQLITE
        yield many_on_sqlite, f"WORKERS must be at most {MOST_WORKERS_ON_SQLITE} on SQLite in production"
        believes_all = any(proxy == "*" or proxy.endswith("/0") for proxy in self.trusted_proxies.split(","))
        yield believes_all, "TRUSTED_PROXIES must name addresses in production, not everybody's"
        for name in ("npd_url", "npd_token_url", "alert_webhook_url"):
            url = getattr(self, name)
            is_plain = url is not None and urlsplit(str(url)).scheme != "https"
            yield is_plain, f"{name.upper()} must be https in production"

    @field_validator("trusted_proxies")
    @classmethod
    def _refuse_what_no_proxy_has(cls, proxies: str) -> str:
        named = [proxy.strip() for proxy in proxies.split(",")] if proxies else []
        for proxy in named:
            try:
                # With bits set behind its mask, a network is taken for a name, which nobody has.
                if proxy != "*":
                    ip_network(proxy)
            except ValueError:
                raise ValueError("addresses or networks as 10.1.0.0/16, separated by commas") from None
        return ",".join(named)

    @model_validator(mode="after")
    def _refuse_an_unsafe_issuer(self) -> Self:
        urls = (self.oidc_issuer, self.oidc_jwks_url)
        if self.env == "production" and any(url and not url.startswith("https:") for url in urls):
            raise ValueError("OIDC_ISSUER and OIDC_JWKS_URL must be https in production")
        if self.oidc_issuer is not None and self.oidc_issuer.rstrip("/") == self.issuer:
            raise ValueError("OIDC_ISSUER must be another than PUBLIC_URL")
        return self

    @property
    def database_servers(self) -> tuple[str, ...]:
        """Host names or addresses of PostgreSQL that the address names."""
        found = _POSTGRES_SERVERS.match(self.database_url)
        servers = () if found is None else found.group(1).split(",")
        return tuple(host for server in servers if (host := urlsplit(f"//{server}").hostname))

    @property
    def origin(self) -> str:
        """Name of the audit log in its checkpoints."""
        return f"{self.public_url.host}/audit" if self.audit_origin is None else self.audit_origin

    @property
    def issuer(self) -> str:
        """`iss` of our tokens: PUBLIC_URL without a closing slash."""
        return str(self.public_url).rstrip("/")


def load_settings(environ: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings from the environment.

    Raises:
        ValueError: a value is wrong, a combination unsafe, or a MOTCUA_ variable is no setting at all,
            because a mistyped name would otherwise leave the default in force unnoticed.
    """
    secret_files = {f"{PREFIX}{name}_file".upper(): name for name in secret_settings()}
    known = {f"{PREFIX}{name}".upper() for name in Settings.model_fields} | set(secret_files)
    known |= _TEST_VARIABLES
    unknown = sorted(
        name for name in environ if name.upper().startswith(PREFIX) and name.upper() not in known
    )
    if unknown:
        raise ValueError(f"no such setting: {', '.join(unknown)}")
    return Settings(**_secrets_from_files(environ, secret_files))


def secret_settings() -> tuple[str, ...]:
    """Name the settings that `MOTCUA_<NAME>_FILE` can give by the path of a file that holds the value."""
    fields = Settings.model_fields.items()
    return ("database_url", *(name for name, field in fields if SecretStr in get_args(field.annotation)))


def _secrets_from_files(environ: Mapping[str, str], names: Mapping[str, str]) -> dict[str, Any]:
    secrets = {}
    for variable, name in names.items():
        path = environ.get(variable)
        if path is None:
            continue
        if variable.removesuffix("_FILE") in environ:
            raise ValueError(f"{variable} and {variable.removesuffix('_FILE')} are both set")
        try:
            # Editors of Windows begin a file with a byte order mark.
            secrets[name] = Path(path).read_text(encoding="utf-8-sig").rstrip("\r\n")
        except (OSError, UnicodeDecodeError):
            raise ValueError(f"{variable}: the file cannot be read") from None
    return secrets
