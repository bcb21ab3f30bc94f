"""The way to an issuer's keys over TLS: whom it believes, and what it does not follow."""

import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import trustme

from app.adapters.oidc.key_source import open_issuer_key_source
from app.domain.issuer_keys import IssuerUnreachableError
from tests.foreign_tokens import ec_key

pytestmark = pytest.mark.anyio

KEYS = [ec_key().jwk]


@contextmanager
def issuer_over_tls(
    authority: trustme.CA, host: str, document: dict[str, object] | None = None
) -> Iterator[str]:
    """Serve keys, or another document, under a certificate for a host; give the address of the keys."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps({"keys": KEYS} if document is None else document).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_arguments: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert(host).configure_cert(context)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    # A handshake that fails is what some of these tests are about.
    server.handle_error = lambda *_arguments: None  # type: ignore[method-assign]
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"https://127.0.0.1:{server.server_port}/keys"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def ca_file(authority: trustme.CA, tmp_path: Path) -> Path:
    path = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(path)
    return path


async def fetched(url: str, ca_file: Path | None) -> list[object]:
    async with open_issuer_key_source(issuer="https://sso.example", jwks_url=url, ca_file=ca_file) as source:
        return await source.fetch()


async def test_keys_come_from_a_host_that_a_known_authority_vouches_for(
    authority: trustme.CA, ca_file: Path
) -> None:
    with issuer_over_tls(authority, "127.0.0.1") as url:
        assert await fetched(url, ca_file) == KEYS


@pytest.mark.parametrize("keys", [None, {}, [{}] * 101])
async def test_a_set_of_keys_that_is_none_is_refused(
    authority: trustme.CA, ca_file: Path, monkeypatch: pytest.MonkeyPatch, keys: object
) -> None:
    monkeypatch.setattr("tests.unit.identity.test_key_source.KEYS", keys)
    with issuer_over_tls(authority, "127.0.0.1") as url, pytest.raises(IssuerUnreachableError):
        await fetched(url, ca_file)


@pytest.mark.parametrize(
    "keys_url", ["https://other.example/keys", "https://127.0.0.1:99999/keys", "https://[x/keys", 7]
)
async def test_keys_at_another_host_than_the_issuers_are_not_fetched(
    authority: trustme.CA, ca_file: Path, keys_url: object
) -> None:
    document = {"jwks_uri": keys_url}
    with issuer_over_tls(authority, "127.0.0.1", document) as url:
        document["issuer"] = issuer = url.removesuffix("/keys")
        with pytest.raises(IssuerUnreachableError):
            async with open_issuer_key_source(issuer=issuer, jwks_url=None, ca_file=ca_file) as source:
                await source.fetch()


async def test_a_host_that_nobody_known_vouches_for_is_not_believed(authority: trustme.CA) -> None:
    with issuer_over_tls(authority, "127.0.0.1") as url, pytest.raises(IssuerUnreachableError):
        await fetched(url, None)


async def test_a_certificate_for_another_host_is_not_believed(authority: trustme.CA, ca_file: Path) -> None:
    with issuer_over_tls(authority, "sso.example") as url, pytest.raises(IssuerUnreachableError):
        await fetched(url, ca_file)


async def test_proxies_of_the_environment_are_not_asked(
    authority: trustme.CA, ca_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with issuer_over_tls(authority, "127.0.0.1") as url:
        assert await fetched(url, ca_file) == KEYS
