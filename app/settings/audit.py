"""The audit log: how it is written, signed and kept; a part of the service's settings."""

from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator, Field
from pydantic_settings import BaseSettings

from app.domain.retention import LEAST_MONTHS


def _unset_if_empty(value: object) -> object:
    """Take an empty text for none: as a path it would be the folder that the service happens to run in."""
    return None if value == "" else value


class AuditSettings(BaseSettings):
    """How the audit log is written, signed and kept."""

    audit_queue_limit: int = Field(
        2000, ge=1, le=100_000, description="Audit records that may wait in one process; beyond it 503."
    )
    audit_timeout_seconds: float = Field(
        10.0, gt=0, le=60, description="How long an audit record may take to become durable; beyond it 503."
    )
    audit_origin: str | None = Field(
        None,
        description="Name of the audit log, which may never change; default the public host and `/audit`.",
    )
    audit_anchor_directory: Annotated[Path | None, BeforeValidator(_unset_if_empty)] = Field(
        None,
        description="Directory outside the database to which signed checkpoints are appended; "
        "required in production. In the sandbox default `checkpoints/<log>` beside the key file.",
    )
    audit_checkpoint_patience_seconds: float = Field(
        14_400.0,
        gt=0,
        le=86_400,
        description="How long records may wait for a signed, anchored checkpoint before lookups stop (503).",
    )
    audit_retention_months: int = Field(
        24,
        ge=LEAST_MONTHS,
        le=1200,
        description="How long audit records keep their content; `motcua audit prune` drops what is older.",
    )
