"""Who may bring tokens and assertions, and how often one may guess; a part of the service's settings."""

import ssl
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from pydantic import Field, model_validator
from pydantic_settings import BaseSettings

from app.settings.comma_list import comma_separated
from app.verifying_keys import ALGORITHMS


class TokenSettings(BaseSettings):
    """Access tokens, front ends' assertions, the limit on bad log-ins, and another issuer of tokens."""

    token_lifetime_seconds: int = Field(
        900, ge=60, le=3600, description="How long an access token is good for."
    )
    privileged_token_lifetime_seconds: int = Field(
        300, ge=60, le=3600, description="How long an administrator's or auditor's access token is good for."
    )
    assertion_lifetime_seconds: int = Field(
        300, ge=30, le=3600, description="How far away the `exp` of a front end's assertion may be."
    )
    login_source_failures: int = Field(
        100,
        ge=10,
        le=1_000_000,
        description="Bad log-ins from one address (of IPv6, one /64), after which it gets 429.",
    )
    login_source_seconds: int = Field(
        900, ge=60, le=86_400, description="Time for which bad log-ins from one address are counted."
    )
    oidc_issuer: str | None = Field(
        None, description="`iss` of an OpenID Connect issuer whose access tokens are accepted, exactly."
    )
    oidc_audience: str | None = Field(
        None, description="`aud` that such a token must have: this service's name at the issuer."
    )
    oidc_jwks_url: str | None = Field(
        None, description="Where the issuer's keys are; default what its discovery document says."
    )
    oidc_username_claim: str = Field(
        "preferred_username", min_length=1, description="Claim that names the officer's account here."
    )
    oidc_algorithms: str = Field(
        ",".join(ALGORITHMS),
        description="Algorithms that its tokens may be signed with, separated by commas.",
    )
    oidc_ca_file: Path | None = Field(
        None, description="Authorities that vouch for the issuer's host; default the system's."
    )

    @model_validator(mode="after")
    def _check_issuer(self) -> Self:
        if self.oidc_issuer is None:
            if any((self.oidc_audience, self.oidc_jwks_url, self.oidc_ca_file)):
                raise ValueError("OIDC_ISSUER must be set too")
            return self
        if self.oidc_audience is None:
            raise ValueError("OIDC_AUDIENCE must be set: a token for anybody else would be accepted")
        for url in (self.oidc_issuer, self.oidc_jwks_url):
            if url is not None and not _is_plain_url(url):
                raise ValueError("OIDC_ISSUER and OIDC_JWKS_URL must be addresses without query or fragment")
        if not self.oidc_algorithm_names or not self.oidc_algorithm_names <= set(ALGORITHMS):
            raise ValueError(f"OIDC_ALGORITHMS must be some of {', '.join(ALGORITHMS)}")
        try:
            ssl.create_default_context(cafile=self.oidc_ca_file)
        except OSError:
            raise ValueError("OIDC_CA_FILE cannot be used") from None
        return self

    @property
    def oidc_algorithm_names(self) -> frozenset[str]:
        """The algorithms, taken apart."""
        return frozenset(comma_separated(self.oidc_algorithms))


def _is_plain_url(url: str) -> bool:
    try:
        parts = urlsplit(url)
        port_is_fine = parts.port is None or parts.port > 0
    except ValueError:
        return False
    has_host = parts.scheme in {"http", "https"} and bool(parts.hostname) and port_is_fine
    return has_host and not (parts.query or parts.fragment or parts.username or parts.password)
