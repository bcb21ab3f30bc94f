"""Where webhooks may be sent: to hosts that a setting names, at addresses that are public or allowed."""

from collections.abc import Collection
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address
from urllib.parse import urlsplit

Network = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True)
class AllowedTargets:
    """The hosts, by name or address, and the networks beside the public one.

    Plain HTTP is for the sandbox only, where a receiver on the same machine is being tried.
    """

    hosts: Collection[str]
    networks: Collection[Network]
    takes_plain_http: bool

    def has_url(self, url: str) -> bool:
        """Tell whether the URL's scheme and host are allowed; one that is no URL has none."""
        try:
            parts = urlsplit(url)
        except ValueError:
            return False
        schemes = {"https", "http"} if self.takes_plain_http else {"https"}
        return parts.scheme in schemes and (parts.hostname or "") in self.hosts

    def has_address(self, address: str) -> bool:
        """Tell whether a connection to the address may be made."""
        parsed = ip_address(address)
        return parsed.is_global or any(
            parsed.version == network.version and parsed in network for network in self.networks
        )
