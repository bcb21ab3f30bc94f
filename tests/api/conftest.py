"""The whole service, composed as in production, over each database, with the sandbox's people."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy.engine import make_url

from app.db.engine import Database
from app.db.migrate import migrate
from app.keys.sealing import Sealer
from app.main import create_app
from app.sandbox.load import load_sandbox
from app.settings.settings import Settings
from tests.conftest import DATABASES, NOON, close_sqlite
from tests.databases import PostgresCopies, copy_sqlite

BASE_URL = "http://testserver"

NGOC = {"full_name": "NGUYỄN THỊ MINH NGỌC", "id_number": "100190000001", "birth_date": "1990-07-30"}


class TestClock:
    """A clock that stands still until a test moves it."""

    __test__ = False

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def advance(self, step: timedelta) -> None:
        self.now += step


async def _load(url: str, sealer: Sealer) -> None:
    database = Database(url)
    await load_sandbox(database, sealer)
    await database.close()


@pytest.fixture(scope="session")
def sandbox_sqlite(tmp_path_factory: pytest.TempPathFactory, sealer: Sealer) -> Path:
    path = tmp_path_factory.mktemp("template") / "sandbox.db"
    migrate(f"sqlite:///{path}")
    asyncio.run(_load(f"sqlite:///{path}", sealer))
    close_sqlite(path)
    return path


@pytest.fixture(scope="session")
def sandbox_postgres(postgres: PostgresCopies, sealer: Sealer) -> Iterator[str]:
    name = postgres.create()
    migrate(postgres.url_of(name))
    # What the role of production lacks, the tests must miss.
    restricted_url = postgres.restrict(name)
    asyncio.run(_load(restricted_url, sealer))
    yield name
    postgres.drop(name)
    postgres.drop_role(name)


@pytest.fixture(params=DATABASES)
def sandbox_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Give a database of each kind with the sandbox's accounts, of the test's own."""
    if request.param == "sqlite":
        yield copy_sqlite(request.getfixturevalue("sandbox_sqlite"), tmp_path)
        return
    postgres: PostgresCopies = request.getfixturevalue("postgres")
    role: str = request.getfixturevalue("sandbox_postgres")
    name = postgres.create(template=role)
    yield postgres.url_of(name, role=role)
    postgres.drop(name)


@pytest.fixture
def owner_url(request: pytest.FixtureRequest, sandbox_url: str) -> str:
    """Give the same database as its owner reaches it."""
    name = make_url(sandbox_url).database
    if sandbox_url.startswith("sqlite") or name is None:
        return sandbox_url
    postgres: PostgresCopies = request.getfixturevalue("postgres")
    return postgres.url_of(name)


@pytest.fixture
def clock() -> TestClock:
    return TestClock(NOON)


@pytest.fixture
def settings(sandbox_url: str, key_file: Path) -> Settings:
    return Settings(database_url=sandbox_url, key_file=key_file)


@pytest.fixture
async def app(settings: Settings, clock: TestClock) -> AsyncIterator[FastAPI]:
    app = create_app(settings, clock=clock)
    async with app.router.lifespan_context(app):
        yield app


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=BASE_URL) as client:
        yield client


@pytest.fixture
async def other_worker(settings: Settings, clock: TestClock) -> AsyncIterator[httpx.AsyncClient]:
    """Run a second process's service on the same database."""
    app = create_app(settings, clock=clock)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=BASE_URL) as client,
    ):
        yield client


TokenOf = Callable[[str], Awaitable[str]]


@pytest.fixture
def token_of(client: httpx.AsyncClient) -> TokenOf:
    """Log in as a sandbox officer, or as the portal with `portal`."""

    async def log_in(name: str) -> str:
        form = (
            {"grant_type": "client_credentials", "client_id": "portal", "client_secret": "sandbox"}
            if name == "portal"
            else {"grant_type": "password", "username": name, "password": "sandbox"}
        )
        answer = await client.post("/auth/token", data=form)
        assert answer.status_code == 200, answer.text
        token: str = answer.json()["access_token"]
        return token

    return log_in


Ask = Callable[..., Awaitable[httpx.Response]]


@pytest.fixture
async def ask(client: httpx.AsyncClient, token_of: TokenOf, clock: TestClock) -> Ask:
    """Send one request as a sandbox account: `await ask("receiver", "POST", "/cases", json={...})`.

    Logged in anew whenever the clock was moved: a token is short-lived. Once, however many send at the same
    time: log-ins wait for each other, and only so long.
    """
    tokens: dict[tuple[str, datetime], str] = {}
    logging_in = asyncio.Lock()

    async def send(name: str, method: str, path: str, **request: Any) -> httpx.Response:
        log_in = (name, clock.now)
        async with logging_in:
            if log_in not in tokens:
                tokens[log_in] = await token_of(name)
        headers = {"Authorization": f"Bearer {tokens[log_in]}"} | request.pop("headers", {})
        return await client.request(method, path, headers=headers, **request)

    return send
