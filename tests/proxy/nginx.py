"""Runs a real nginx with the shipped configuration, on free ports of the loopback."""

import os
import shutil
import signal
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import trustme

from tests.processes import free_port
from tests.unit.house.source_files import ROOT

SHIPPED: Final = ROOT / "deploy" / "nginx"
_START_TIMEOUT_SECONDS: Final = 10.0
# Waits that a test does not have: the shipped ones are ten times as long.
HEAD_SECONDS: Final = 1

_PROCESS: Final = "    server 127.0.0.1:8000 max_fails=3 fail_timeout=5s;"
_MAIN: Final = """daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/log/nginx-error.log notice;
events {{ worker_connections 1024; }}
http {{
    client_body_temp_path {folder}/temp-body;
    proxy_temp_path {folder}/temp-proxy;
    fastcgi_temp_path {folder}/temp-fastcgi;
    uwsgi_temp_path {folder}/temp-uwsgi;
    scgi_temp_path {folder}/temp-scgi;
    include motcua.conf;
}}
"""


@dataclass(frozen=True)
class Nginx:
    """One running nginx: its two listeners, who vouches for its certificate, and its folder."""

    port: int
    operations_port: int
    trust: ssl.SSLContext = field(repr=False)
    folder: Path

    @property
    def base_url(self) -> str:
        return f"https://127.0.0.1:{self.port}"

    @property
    def operations_url(self) -> str:
        return f"https://127.0.0.1:{self.operations_port}"

    def logged(self) -> str:
        """Read all that it has logged anywhere."""
        return "".join(
            path.read_text(encoding="utf-8", errors="replace")
            for path in sorted((self.folder / "log").iterdir())
        )

    def connected(self, *, source: str = "127.0.0.1") -> ssl.SSLSocket:
        """Open a TLS connection, from another address of the loopback if asked to."""
        plain = socket.create_connection(("127.0.0.1", self.port), timeout=10, source_address=(source, 0))
        return self.trust.wrap_socket(plain, server_hostname="127.0.0.1")


@contextmanager
def running_nginx(folder: Path, *upstream_ports: int, requests_per_second: int = 200) -> Iterator[Nginx]:
    """Start nginx in front of the processes of a service, and stop it at the end."""
    program = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin")
    assert program is not None, "these tests need nginx: `make proxies`, or your system's packages"
    authority = trustme.CA()
    trust = ssl.create_default_context()
    authority.configure_trust(trust)
    nginx = Nginx(free_port(), free_port(), trust, folder)
    for name in ("log", "tls", "motcua"):
        (folder / name).mkdir()
    certificate = authority.issue_cert("127.0.0.1")
    certificate.private_key_pem.write_to_path(folder / "tls" / "key.pem")
    for blob in certificate.cert_chain_pems:
        blob.write_to_path(folder / "tls" / "cert.pem", append=True)
    _write_configuration(nginx, upstream_ports, requests_per_second)
    (folder / "nginx.conf").write_text(_MAIN.format(folder=folder), encoding="utf-8")
    process = subprocess.Popen(
        [
            program,
            "-p",
            str(folder),
            "-c",
            str(folder / "nginx.conf"),
            "-e",
            str(folder / "log" / "early.log"),
        ],
        start_new_session=True,
    )
    try:
        _wait_until_listening(nginx, process)
        yield nginx
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)
        process.wait(10)


def _write_configuration(nginx: Nginx, upstream_ports: tuple[int, ...], requests_per_second: int) -> None:
    """Copy the shipped files, with this test's values where an operator writes his, and shorter waits."""
    edits = {
        _PROCESS: "\n".join(_PROCESS.replace("8000", str(port)) for port in upstream_ports),
        "rate=200r/s": f"rate={requests_per_second}r/s",
        "listen 443 ssl": f"listen 127.0.0.1:{nginx.port} ssl",
        "listen 8443 ssl": f"listen 127.0.0.1:{nginx.operations_port} ssl",
        "/etc/nginx/motcua/tls/cert.pem": f"{nginx.folder}/tls/cert.pem",
        "/etc/nginx/motcua/tls/key.pem": f"{nginx.folder}/tls/key.pem",
        "/var/log/nginx/motcua-access.log": f"{nginx.folder}/log/access.log",
        "/var/log/nginx/motcua-error.log": f"{nginx.folder}/log/error.log",
        "client_header_timeout 10s": f"client_header_timeout {HEAD_SECONDS}s",
        "client_body_timeout 10s": f"client_body_timeout {HEAD_SECONDS}s",
    }
    texts = {path.relative_to(SHIPPED): path.read_text(encoding="utf-8") for path in SHIPPED.rglob("*.conf")}
    for shipped, edited in edits.items():
        assert sum(text.count(shipped) for text in texts.values()) == 1, shipped
        texts = {path: text.replace(shipped, edited) for path, text in texts.items()}
    for path, text in texts.items():
        (nginx.folder / path).write_text(text, encoding="utf-8")


def _wait_until_listening(nginx: Nginx, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _START_TIMEOUT_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            nginx.connected().close()
        except ConnectionError:
            time.sleep(0.02)
        else:
            return
    raise AssertionError(f"nginx did not start:\n{nginx.logged()[-4000:]}")
