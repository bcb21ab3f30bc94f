"""A served sandbox behind nginx with the shipped configuration, for all tests of a process."""

import ssl
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from tests.processes import Service, running_service
from tests.proxy.nginx import Nginx, running_nginx


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("behind")


@pytest.fixture(scope="session")
def served(folder: Path) -> Iterator[Service]:
    settings = {"trusted_proxies": "127.0.0.1", "public_url": "https://127.0.0.1", "log_level": "debug"}
    with running_service(f"sqlite:///{folder / 'behind.db'}", folder, **settings) as service:
        yield service


@pytest.fixture(scope="session")
def nginx(served: Service, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nginx]:
    port = urlsplit(served.base_url).port
    assert port is not None
    with running_nginx(tmp_path_factory.mktemp("nginx"), port) as nginx:
        yield nginx


def _client(base_url: str, trust: ssl.SSLContext, *, source: str | None = None) -> httpx.Client:
    transport = httpx.HTTPTransport(verify=trust, local_address=source)
    return httpx.Client(base_url=base_url, transport=transport, timeout=20)


@pytest.fixture
def client(nginx: Nginx) -> Iterator[httpx.Client]:
    """Give a caller at a desk."""
    with _client(nginx.base_url, nginx.trust) as client:
        yield client


@pytest.fixture
def far_client(nginx: Nginx) -> Iterator[httpx.Client]:
    """Give a caller with another source address."""
    with _client(nginx.base_url, nginx.trust, source="127.0.0.2") as client:
        yield client


@pytest.fixture
def operations(nginx: Nginx) -> Iterator[httpx.Client]:
    """Give a caller inside the operations network."""
    with _client(nginx.operations_url, nginx.trust) as client:
        yield client


@pytest.fixture
def stranger_to_operations(nginx: Nginx) -> Iterator[httpx.Client]:
    """Give a caller who is not in the operations network, but reaches its listener."""
    with _client(nginx.operations_url, nginx.trust, source="127.0.0.2") as client:
        yield client
