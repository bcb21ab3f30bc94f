"""Accounts of officers and of connected systems, as administrators see and change them. Rules only."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Any, Final

from app.domain.caller import Role, Scope

ACCOUNT_NAME_PATTERN: Final = r"^[A-Za-z0-9]([A-Za-z0-9._-]{0,62}[A-Za-z0-9])?$"
"""A user name, or the id of a system."""

LEAST_PASSWORD_LENGTH: Final = 8
LEAST_PASSWORD_LENGTH_ALONE: Final = 14
"""Without a second factor; then of four classes of characters (TCVN 14423:2026, level 3)."""

MOST_PASSWORD_LENGTH: Final = 256
FORMER_PASSWORDS: Final = 10
"""So many of an administrator's passwords, the present one among them, are not taken again (level 3, too)."""

LEAST_SECRET_LENGTH: Final = 16

_CLASSES: Final = (str.islower, str.isupper, str.isdigit)


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficerAccount:
    """An officer's account without its password; `id_number` is masked."""

    username: str
    full_name: str
    agency_code: str
    roles: tuple[Role, ...]
    id_number: str | None
    is_active: bool
    has_second_factor: bool
    locked_until: datetime | None
    last_login_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficerPut:
    """An officer's account as an administrator wants it.

    `id_number` and `password` are kept as they are where `None` says so; `drops_id_number` takes the number
    away.
    """

    username: str
    full_name: str
    agency_code: str
    roles: tuple[Role, ...]
    is_active: bool
    id_number: str | None = field(repr=False)
    drops_id_number: bool
    password: str | None = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientAccount:
    """A connected system without its secret."""

    client_id: str
    name: str
    agency_code: str
    grants: tuple[str, ...]
    scopes: tuple[Scope, ...]
    networks: tuple[str, ...]
    jwks: tuple[Mapping[str, Any], ...]
    has_secret: bool
    is_active: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientPut:
    """A connected system as an administrator wants it; `secret` None keeps the one that it has."""

    client_id: str
    name: str
    agency_code: str
    grants: tuple[str, ...]
    scopes: tuple[Scope, ...]
    networks: tuple[str, ...]
    jwks: tuple[Mapping[str, Any], ...]
    is_active: bool
    secret: str | None = field(repr=False)


def is_strong_password(password: str, *, has_second_factor: bool) -> bool:
    """Tell whether a password is good enough: long, or with four classes of characters and longer still."""
    if has_second_factor:
        return len(password) >= LEAST_PASSWORD_LENGTH
    has_classes = all(any(map(is_of_class, password)) for is_of_class in _CLASSES)
    has_signs = any(not character.isalnum() for character in password)
    return len(password) >= LEAST_PASSWORD_LENGTH_ALONE and has_classes and has_signs


def parsed_network(written: str) -> IPv4Network | IPv6Network:
    """Read a network, as `10.1.0.0/16`, or a single address.

    Raises:
        ValueError: it is none.
    """
    return ip_network(written)


def is_within(address: str, networks: tuple[str, ...]) -> bool:
    """Tell whether an address lies in one of the networks; everywhere where none are named."""
    if not networks:
        return True
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    return any(parsed in ip_network(network) for network in networks)
