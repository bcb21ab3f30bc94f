"""Settings of how much one process takes in, and how it ends; part of the service's settings."""

from pydantic import Field
from pydantic_settings import BaseSettings


class LoadSettings(BaseSettings):
    """Bounds of one process; durations in seconds. Those of lookups are among the NPD_ settings."""

    max_in_flight: int = Field(
        64,
        ge=1,
        le=10_000,
        description="Requests of one process under way at the same time, without lookups and log-ins.",
    )
    max_waiting: int = Field(
        512, ge=0, le=100_000, description="Requests of one process that may wait for a place; beyond it 503."
    )
    wait_seconds: float = Field(
        5.0, gt=0, le=30, description="Longest wait of a request for its place; beyond it 503."
    )
    shutdown_notice_seconds: float = Field(
        1.0,
        ge=0,
        le=120,
        description="How long a process that is told to end (SIGTERM) says at `/health/ready` that it is not "
        "ready, and still serves, before it takes no more connections.",
    )
    shutdown_seconds: int = Field(
        30, ge=1, le=600, description="How long what is under way may take then; what is not done is cut off."
    )
