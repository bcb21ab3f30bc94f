"""A service on each database, opened once for a module: opening one for each attack would take hours."""

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from io import StringIO
from pathlib import Path
from typing import Any, Final

import pytest
from sqlalchemy import Engine, create_engine, select

from app.db.tables import Officer
from app.keys.sealing import Sealer
from app.main import create_app
from app.services.second_factor import SecondFactor
from app.settings.settings import Settings
from tests.api.conftest import TestClock
from tests.api.hostile.desk import HostileDesk
from tests.api.hostile.operations import OPERATIONS, REGISTER, Operation
from tests.api.hostile.raw_asgi import send
from tests.conftest import NOON
from tests.databases import PostgresCopies, copy_sqlite


@pytest.fixture(scope="module")
def urls(
    sandbox_sqlite: Path,
    sandbox_postgres: str,
    postgres: PostgresCopies,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[dict[str, str]]:
    name = postgres.create(template=sandbox_postgres)
    folder = tmp_path_factory.mktemp("hostile")
    yield {"sqlite": copy_sqlite(sandbox_sqlite, folder), "postgres": postgres.url_of(name)}
    postgres.drop(name)


# Agencies first: accounts belong to them.
ACCOUNTS: Final = [
    operation
    for part in ("/agencies", "/officers", "/clients")
    for operation in OPERATIONS
    if operation.method == "PUT" and operation.path.startswith(part)
]


def named(operation: Operation) -> str:
    """Write the path as the other operations' examples name it, where a PUT otherwise names something new."""
    examples = {
        item["name"]: item["schema"]["examples"][0] for item in operation.parameters if item["in"] == "path"
    }
    return operation.target(**examples)


def account_of(engine: Engine) -> dict[str, Any]:
    """Give what the officers' accounts began with; they have one password."""
    with engine.connect() as connection:
        query = select(Officer.password_hash).where(Officer.username == "receiver")
        password_hash = connection.execute(query).scalar_one()
    return {
        "password_hash": password_hash,
        "former_password_hashes": [],
        "failed_logins": 0,
        "locked_until": None,
        "second_factor_sealed": None,
        "second_factor_offered": None,
        "second_factor_step": None,
    }


@pytest.fixture(scope="module")
async def desks(
    urls: dict[str, str], key_file: Path, sealer: Sealer
) -> AsyncIterator[dict[str, HostileDesk]]:
    """Open the service once on each database, with the one case and the records that the examples name."""
    # The secret whose code the examples hold.
    offered = SecondFactor(sealer).sealed("JBSWY3DPEHPK3PXP" * 2, "receiver")
    async with AsyncExitStack() as stack:
        opened: dict[str, HostileDesk] = {}
        for kind, url in urls.items():
            engine = create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
            stack.callback(engine.dispose)
            app = create_app(
                # One officer sends hundreds of lookups here.
                Settings(
                    database_url=url, key_file=key_file, webhook_hosts="portal.example.vn", budgets="off"
                ),
                clock=TestClock(NOON),
            )
            await stack.enter_async_context(app.router.lifespan_context(app))
            opened[kind] = HostileDesk(app, engine, account_of(engine), offered)
            case = await opened[kind].request(REGISTER)
            answer = await send(app, case)
            assert answer.json()["receipt_number"] == "H24.15-261123-0001"
            for operation in ACCOUNTS:
                made = await send(app, (await opened[kind].request(operation)).with_target(named(operation)))
                assert made.status == 201, made.body
            await app.state.checkpoints.make()
        yield opened


@pytest.fixture
async def desk(desks: dict[str, HostileDesk], kind: str, logs: StringIO) -> AsyncIterator[HostileDesk]:
    desks[kind].logs = logs
    yield desks[kind]
    assert await desks[kind].is_healthy()
