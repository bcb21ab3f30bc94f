"""The identity services over each database, with the sandbox's accounts and a clock that tests move."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest

from app.alerts import Alerts
from app.db.engine import Database
from app.keys import Keys, Sealer
from app.sandbox.load import load_sandbox
from app.services.directory import Directory
from app.services.logins import Logins
from app.services.passwords import Passwords
from app.services.tokens import Tokens
from tests.conftest import NOON


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
    return Tokens(keys.signing_key, issuer="https://motcua.example", lifetime_seconds=900, clock=clock)


@pytest.fixture
async def logins(
    loaded: Database, directory: Directory, tokens: Tokens, clock: MovedClock
) -> AsyncIterator[Logins]:
    passwords = Passwords()
    yield Logins(loaded, directory, tokens, clock, alerts=Alerts(), passwords=passwords)
    passwords.close()
