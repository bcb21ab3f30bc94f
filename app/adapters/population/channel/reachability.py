"""Tries the way to an address of the operator, without asking the register anything."""

import socket
import ssl
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlsplit

from app.adapters.population.channel.tls import TlsFileError, tls_context
from app.settings.npd import NpdSettings

_PORTS: Final = {"http": 80, "https": 443}


class UnreachableError(Exception):
    """Nobody answers there, or not as somebody whom we trust. The text says which, and no address."""


def certificate_end(settings: NpdSettings, url: str) -> datetime | None:
    """Connect, with TLS where the address asks for it; tell when the peer's certificate ends.

    Raises:
        UnreachableError: no connection, or a certificate that is not trusted.
    """
    parts = urlsplit(url)
    address = (parts.hostname or "", parts.port or _PORTS[parts.scheme])
    try:
        with socket.create_connection(address, timeout=settings.npd_connect_timeout_seconds) as peer:
            if parts.scheme != "https":
                return None
            with tls_context(settings).wrap_socket(peer, server_hostname=parts.hostname) as secured:
                certificate = secured.getpeercert() or {}
                return datetime.fromtimestamp(ssl.cert_time_to_seconds(str(certificate["notAfter"])), UTC)
    except ssl.SSLCertVerificationError as exc:
        raise UnreachableError(f"its certificate is not trusted: {exc.verify_message}") from exc
    except ssl.SSLError as exc:
        raise UnreachableError(f"TLS failed: {exc.reason}") from exc
    except TlsFileError as exc:
        raise UnreachableError(str(exc)) from exc
    except OSError as exc:
        raise UnreachableError(f"no connection: {exc.strerror or 'timed out'}") from exc
