"""What the doctor sees of the way to the register, over real sockets."""

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread

import pytest
import trustme

from app.adapters.population.channel.reachability import UnreachableError, certificate_end
from app.settings.settings import Settings
from tests.unit.population.channel.channels import DIRECT


@contextmanager
def peer(tls: ssl.SSLContext | None = None) -> Iterator[str]:
    """Take connections one after the other, say that this is no TLS unless it is, and hang up."""

    def serve() -> None:
        while True:
            connection, _ = server.accept()
            with connection, suppress(OSError):
                if tls is None:
                    connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
                    connection.recv(1024)
                else:
                    with tls.wrap_socket(connection, server_side=True) as secured:
                        secured.recv(1)

    def serve_until_closed() -> None:
        with suppress(OSError):
            serve()

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = Thread(target=serve_until_closed)
        thread.start()
        try:
            yield f"{'http' if tls is None else 'https'}://127.0.0.1:{server.getsockname()[1]}/"
        finally:
            # Wakes whoever waits for a connection.
            server.shutdown(socket.SHUT_RDWR)
            thread.join()


def end_of(url: str, ca_file: Path | None = None) -> datetime | None:
    return certificate_end(Settings.model_validate(DIRECT | {"npd_url": url, "npd_ca_file": ca_file}), url)


def test_a_plain_address_has_no_certificate() -> None:
    with peer() as url:
        assert end_of(url) is None


def test_a_trusted_certificate_tells_its_end_and_another_is_not_trusted(tmp_path: Path) -> None:
    authority, expires = trustme.CA(), datetime.now(UTC) + timedelta(days=30)
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1", not_after=expires).configure_cert(tls)
    with peer(tls) as url:
        end = end_of(url, tmp_path / "ca.pem")
        assert end is not None
        assert abs(end - expires) <= timedelta(seconds=1)
        with pytest.raises(UnreachableError, match="not trusted"):
            end_of(url)
        (tmp_path / "none.pem").write_text("no certificate")
        with pytest.raises(UnreachableError):
            end_of(url, tmp_path / "none.pem")


def test_nobody_and_somebody_who_speaks_no_tls_are_told_apart() -> None:
    with peer() as url, pytest.raises(UnreachableError, match="TLS failed"):
        end_of(url.replace("http:", "https:"))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        with pytest.raises(UnreachableError, match="no connection"):
            end_of(f"http://127.0.0.1:{probe.getsockname()[1]}/")
