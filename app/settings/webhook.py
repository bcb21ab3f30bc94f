"""Where changes of cases may be sent; a part of the service's settings."""

from collections.abc import Collection
from ipaddress import IPv4Network, IPv6Network, ip_network

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings

from app.settings.comma_list import comma_separated


class WebhookSettings(BaseSettings):
    """Receivers of webhooks; none is allowed unless it is named here."""

    webhook_hosts: str = Field(
        "",
        description="Host names or addresses to which webhooks may be sent, separated by commas.",
    )
    webhook_networks: str = Field(
        "",
        description="Networks, beside public addresses, in which those hosts may stand, as `10.0.0.0/8`.",
    )

    @field_validator("webhook_networks")
    @classmethod
    def _check_networks(cls, written: str) -> str:
        _networks(written)
        return written

    @property
    def webhook_targets(self) -> tuple[Collection[str], Collection[IPv4Network | IPv6Network]]:
        """The hosts and the networks."""
        return frozenset(comma_separated(self.webhook_hosts.lower())), _networks(self.webhook_networks)


def _networks(written: str) -> tuple[IPv4Network | IPv6Network, ...]:
    return tuple(map(ip_network, comma_separated(written)))
