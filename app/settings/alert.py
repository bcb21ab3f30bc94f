"""Who is told of alerts, and what raises some of them; a part of the service's settings."""

import base64
import binascii
from typing import Final

from pydantic import Field, HttpUrl, SecretStr, field_validator
from pydantic_settings import BaseSettings

from app.domain.identity_number import IdentityNumber
from app.settings.comma_list import comma_separated

_SECRET_PREFIX: Final = "whsec_"  # noqa: S105 - the form of a secret, not one


class AlertSettings(BaseSettings):
    """Where alerts are posted beside the log, and decoys among identity numbers."""

    alert_webhook_url: HttpUrl | None = Field(
        None, description="Receiver of alerts, as Standard Webhooks; https in production. Default: none."
    )
    alert_webhook_secret: SecretStr | None = Field(
        None, description="Secret that signs alerts, `whsec_` and base64; needed with ALERT_WEBHOOK_URL."
    )
    alert_decoy_numbers: SecretStr | None = Field(
        None,
        description="Identity numbers of nobody, separated by commas; whoever looks one up raises an alert.",
    )

    @field_validator("alert_webhook_secret")
    @classmethod
    def _check_secret(cls, secret: SecretStr | None) -> SecretStr | None:
        if secret is not None:
            _decoded(secret)
        return secret

    @field_validator("alert_decoy_numbers")
    @classmethod
    def _check_decoys(cls, numbers: SecretStr | None) -> SecretStr | None:
        for number in _numbers(numbers):
            IdentityNumber(number)
        return numbers

    @property
    def alert_signing_secret(self) -> bytes | None:
        """The secret that signs alerts."""
        return None if self.alert_webhook_secret is None else _decoded(self.alert_webhook_secret)

    @property
    def decoy_numbers(self) -> frozenset[str]:
        """The decoys."""
        return frozenset(_numbers(self.alert_decoy_numbers))


def _decoded(secret: SecretStr) -> bytes:
    written = secret.get_secret_value()
    try:
        decoded = base64.b64decode(written.removeprefix(_SECRET_PREFIX), validate=True)
    except binascii.Error:
        raise ValueError("it must be whsec_ and base64") from None
    if not written.startswith(_SECRET_PREFIX) or len(decoded) < 24:  # noqa: PLR2004 - as Standard Webhooks asks
        raise ValueError("it must be whsec_ and the base64 of at least 24 bytes")
    return decoded


def _numbers(written: SecretStr | None) -> list[str]:
    return [] if written is None else comma_separated(written.get_secret_value())
