"""The identity services over each database, with the sandbox's accounts and a clock that tests move."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from sqlalchemy import update

from app.alerts import Alerts
from app.db import tables
from app.db.engine import Database
from app.domain.account_state import AccountRules
from app.keys.key_file import Keys
from app.keys.sealing import Sealer
from app.sandbox.load import load_sandbox
from app.services.account_entry import AccountEntry
from app.services.assertions import Assertions
from app.services.directory import Directory
from app.services.login_sources import LoginSources
from app.services.logins import Logins
from app.services.passwords import Passwords
from app.services.second_factor import SecondFactor
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
def passwords() -> Iterator[Passwords]:
    passwords = Passwords()
    yield passwords
    passwords.close()


async def change_officer(database: Database, username: str, **values: object) -> None:
    async with database.write() as session:
        await session.execute(
            update(tables.Officer).where(tables.Officer.username == username).values(**values)
        )


@dataclass(frozen=True)
class Workers:
    """Makes log-ins as each worker of the service has them, on the same database."""

    database: Database
    directory: Directory
    tokens: Tokens
    passwords: Passwords
    sealer: Sealer
    clock: MovedClock

    def logins(self, *, limit: int = 100) -> Logins:
        alerts = Alerts()
        return Logins(
            self.database,
            self.directory,
            self.tokens,
            assertions=Assertions(
                self.database,
                self.directory,
                issuer=ISSUER,
                lifetime_seconds=300,
                alerts=alerts,
                clock=self.clock,
            ),
            sources=LoginSources(
                self.database, limit=limit, window_seconds=900, alerts=alerts, clock=self.clock
            ),
            entry=AccountEntry(
                self.database,
                passwords=self.passwords,
                second_factor=SecondFactor(self.sealer),
                rules=AccountRules(frozenset(), timedelta(days=45), timedelta(days=60)),
                alerts=alerts,
                clock=self.clock,
            ),
            passwords=self.passwords,
            privileged_lifetime_seconds=300,
            clock=self.clock,
        )


@pytest.fixture
def workers(
    loaded: Database,
    directory: Directory,
    tokens: Tokens,
    passwords: Passwords,
    sealer: Sealer,
    clock: MovedClock,
) -> Workers:
    return Workers(loaded, directory, tokens, passwords, sealer, clock)


@pytest.fixture
def logins(workers: Workers) -> Logins:
    return workers.logins()
