"""Every setting of the service, its unit and default. An unsafe combination does not start.

Settings come from environment variables `MOTCUA_<NAME>`; each one is a row of docs/settings.md.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, HttpUrl, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

PREFIX = "MOTCUA_"
_TEST_VARIABLES = frozenset({"MOTCUA_TEST_POSTGRES_URL"})


class Settings(BaseSettings):
    """The service's settings; durations in seconds."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, extra="forbid", frozen=True, hide_input_in_errors=True, populate_by_name=True
    )

    env: Literal["sandbox", "production"] = Field(
        "sandbox", description="`sandbox` has invented people and accounts; `production` refuses them."
    )
    database_url: str = Field(
        "sqlite:///var/motcua.db",
        description="`sqlite:///path` or `postgresql://user:password@host:port/name`.",
        repr=False,
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
    token_lifetime_seconds: int = Field(
        900, ge=60, le=3600, description="How long an access token is good for."
    )
    npd_profile: Literal["mock"] = Field(
        "mock", description="Way to the population database; `mock` is the embedded sandbox population."
    )
    npd_timeout_seconds: float = Field(
        5.0, gt=0, le=60, description="Total time for one call to the population database."
    )
    npd_unit_code: str | None = Field(
        None, description="MaDonVi sent with each call; default the agency's code."
    )
    sandbox_population_file: Path | None = Field(
        None, description="Invented population for the mock, as `motcua sandbox --people N` writes it."
    )
    audit_queue_limit: int = Field(
        2000, ge=1, le=100_000, description="Audit records that may wait in one process; beyond it 503."
    )
    audit_timeout_seconds: float = Field(
        10.0, gt=0, le=60, description="How long an audit record may take to become durable; beyond it 503."
    )
    max_body_bytes: int = Field(262_144, ge=1024, description="Largest request body, in bytes.")
    request_timeout_seconds: float = Field(
        30.0, gt=0, le=30, description="How long a request may take to arrive whole."
    )

    @model_validator(mode="after")
    def _refuse_unsafe_combinations(self) -> Self:
        if self.env == "production":
            if self.npd_profile == "mock":
                raise ValueError("the mock population database must not run in production")
            if self.public_url.scheme != "https":
                raise ValueError("PUBLIC_URL must be https in production")
        if not self.database_url.startswith(("sqlite:///", "postgresql://")):
            raise ValueError("DATABASE_URL must begin with sqlite:/// or postgresql://")
        return self

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
    known = {f"{PREFIX}{name}".upper() for name in Settings.model_fields} | _TEST_VARIABLES
    unknown = sorted(
        name for name in environ if name.upper().startswith(PREFIX) and name.upper() not in known
    )
    if unknown:
        raise ValueError(f"no such setting: {', '.join(unknown)}")
    return Settings()
