"""TLS with the operator: whom we trust and who we are."""

import ssl

from app.settings.npd import NpdSettings


class TlsFileError(Exception):
    """A certificate or key file of the settings cannot be used. The text names the setting, never a value."""


def tls_context(settings: NpdSettings) -> ssl.SSLContext:
    """Make the context of all connections to the operator: TLS 1.2 or newer, peers and their names verified.

    Raises:
        TlsFileError: a file cannot be read, or is not what it should be.
    """
    try:
        # Without a file of its own, the system's authorities: not those that came with some package.
        context = ssl.create_default_context(cafile=settings.npd_ca_file)
    except OSError as exc:
        raise TlsFileError("NPD_CA_FILE cannot be used") from exc
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if settings.npd_client_cert is not None:
        try:
            # An encrypted key must fail: OpenSSL would otherwise ask for its password on the terminal.
            context.load_cert_chain(settings.npd_client_cert, settings.npd_client_key, password="")
        except (OSError, ValueError) as exc:
            raise TlsFileError("NPD_CLIENT_CERT and NPD_CLIENT_KEY cannot be used") from exc
    return context
