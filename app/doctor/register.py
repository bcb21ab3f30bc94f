"""Looks at the way to the population database: files, connection, certificates. Asks it nothing."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509

from app.adapters.population.channel.reachability import UnreachableError, certificate_end
from app.adapters.population.factory import UnusableFileError, check_files
from app.clock import Clock
from app.doctor.findings import Finding, fail, ok, warn
from app.settings.settings import Settings

_SOON: Final = timedelta(days=30)


def register_findings(settings: Settings, clock: Clock) -> Iterator[Finding]:
    """Try the addresses of the profile, TLS included, and tell when certificates end."""
    try:
        check_files(settings)
    except UnusableFileError as exc:
        yield fail("register", str(exc))
        return
    if settings.npd_profile == "mock":
        yield warn("register", "the population database is the mock: invented people")
        return
    for name, url in (("NPD_URL", settings.npd_url), ("NPD_TOKEN_URL", settings.npd_token_url)):
        if url is None:
            continue
        try:
            end = certificate_end(settings, str(url))
        except UnreachableError as exc:
            yield fail("register", f"{name}: {exc}")
            continue
        if end is None:
            yield warn("register", f"{name}: reached, without TLS")
        else:
            yield _until(f"{name}: reached and trusted", end, clock())
    if settings.npd_client_cert is not None:
        yield _until("NPD_CLIENT_CERT", _end_of(settings.npd_client_cert), clock())


def _until(what: str, end: datetime, now: datetime) -> Finding:
    message = f"{what}, its certificate is good until {end.date()}"
    if end <= now:
        return fail("register", f"{what}, its certificate ended on {end.date()}")
    return warn("register", message) if end - now < _SOON else ok("register", message)


def _end_of(path: Path) -> datetime:
    return x509.load_pem_x509_certificate(path.read_bytes()).not_valid_after_utc
