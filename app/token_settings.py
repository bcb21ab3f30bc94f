"""Who may bring tokens and assertions, and how often one may guess; a part of the service's settings."""

from pydantic import Field
from pydantic_settings import BaseSettings


class TokenSettings(BaseSettings):
    """Front ends' assertions, and the limit on bad log-ins."""

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
