"""Finds the sandbox's accounts in a database where they have no business, by their well-known password."""

import asyncio
import json

from app.db import directory as rows
from app.db.engine import Database
from app.sandbox.load import POPULATION, SANDBOX_PASSWORD
from app.services.passwords import Passwords


async def open_sandbox_accounts(database: Database) -> tuple[str, ...]:
    """Name the accounts that the sandbox made and that still open with its password, or its secret.

    Raises:
        ServiceUnavailableError: the database cannot be read.
    """
    population = json.loads(await asyncio.to_thread(POPULATION.read_text, encoding="utf-8"))
    names = [entry["username"] for entry in population["officers"]]
    clients = [entry["client_id"] for entry in population["clients"]]
    async with database.read() as session:
        hashes = await rows.password_hashes(session, usernames=names, client_ids=clients)
    passwords = Passwords()
    try:
        opened = [name for name, known in hashes if await passwords.is_right(SANDBOX_PASSWORD, known)]
    finally:
        passwords.close()
    return tuple(opened)
