"""Where traces go; a part of the service's settings."""

from pydantic import Field, HttpUrl
from pydantic_settings import BaseSettings


class TraceSettings(BaseSettings):
    """OpenTelemetry traces; off unless there is a collector."""

    otlp_endpoint: HttpUrl | None = Field(
        None,
        description="OpenTelemetry collector, as `http://127.0.0.1:4318`; "
        "spans are posted to `/v1/traces` below it. Default: no traces.",
    )
    otlp_sample_ratio: float = Field(
        0.1,
        ge=0,
        le=1,
        description="Share of traces sent, of those whose caller did not decide (traceparent).",
    )
