"""Looks at the settings: combinations that start, and should still be otherwise where it matters."""

from collections.abc import Iterator
from ipaddress import ip_address
from typing import Final
from urllib.parse import parse_qs, urlsplit

from app.doctor.findings import Finding, ok, warn
from app.settings.settings import Settings

_VERIFYING: Final = {"verify-ca", "verify-full"}


def setting_findings(settings: Settings) -> Iterator[Finding]:
    """Say what of the settings is unsafe; what would not start at all has not come here."""
    found = list(_warnings(settings))
    yield from found
    if not found:
        yield ok("settings", "they fit together, and nothing of them is unsafe")


def _warnings(settings: Settings) -> Iterator[Finding]:
    if settings.env == "sandbox":
        yield warn("settings", "MOTCUA_ENV is sandbox: accounts whose password everybody knows")
    if settings.log_level == "debug":
        yield warn("settings", "MOTCUA_LOG_LEVEL is debug: for looking into something, not for every day")
    if not _is_loopback(settings.host) and not settings.trusted_proxies:
        yield warn(
            "settings",
            "the service listens to the network and trusts no proxy: without one there is no TLS, and behind "
            "one the audit log holds its address as every caller's (MOTCUA_TRUSTED_PROXIES)",
        )
    url = urlsplit(settings.database_url)
    if url.scheme == "sqlite" and settings.env == "production":
        yield warn("settings", "the database is SQLite: right for one small host, see docs/doctor.md")
    if not all(map(_is_loopback, settings.database_servers)):
        mode = parse_qs(url.query).get("sslmode", [""])[-1]
        if mode not in _VERIFYING:
            yield warn(
                "settings", "PostgreSQL is asked without a verified certificate: add ?sslmode=verify-full"
            )


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
