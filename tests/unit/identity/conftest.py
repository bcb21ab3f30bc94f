"""The identity services over each database, with the sandbox's accounts and a clock that tests move."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest

from app.alerts import Alerts
from app.db.engine import Database
from app.keys import Keys, Sealer
from app.sandbox.load import load_sandbox
from app.services.assertions import Assertions
from app.services.directory import Directory
from app.services.login_sources import LoginSources
from app.services.logins import Logins
from app.services.passwords import Passwords
from app.services.tokens import Tokens
from tests.conftest import NOON

ISSUER = "https://motcua.example"


class MovedClock:
    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **step: float) -> None:
        self.now += timedelta(**step)


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock()


@pytest.fixture
async def loaded(database: Database, sealer: Sealer) -> Database:
    await load_sandbox(database, sealer)
    return database


@pytest.fixture
def directory(loaded: Database, sealer: Sealer, clock: MovedClock) -> Directory:
    return Directory(loaded, sealer, clock)


@pytest.fixture
def tokens(keys: Keys, clock: MovedClock) -> Tokens:
    return Tokens(keys.token_keys, issuer=ISSUER, lifetime_seconds=900, clock=clock)


@pytest.fixture
async def logins(
    loaded: Database, directory: Directory, tokens: Tokens, clock: MovedClock
) -> AsyncIterator[Logins]:
    passwords = Passwords()
    yield make_logins(loaded, directory, tokens, clock, passwords=passwords)
    passwords.close()


def make_logins(
    database: Database,
    directory: Directory,
    tokens: Tokens,
    clock: MovedClock,
    *,
    passwords: Passwords,
    limit: int = 100,
) -> Logins:
    return Logins(
        database,
        directory,
        tokens,
        assertions=Assertions(database, directory, issuer=ISSUER, lifetime_seconds=300, clock=clock),
        sources=LoginSources(database, limit=limit, window_seconds=900, clock=clock),
        passwords=passwords,
        alerts=Alerts(),
        clock=clock,
    )
