"""Puts the sandbox's agencies, accounts and procedures into the database. Only ever run in the sandbox."""

import asyncio
import json
from pathlib import Path
from typing import Any, Final

from app.db import directory as rows
from app.db import tables
from app.db.engine import Database
from app.keys.sealing import Sealer
from app.services.directory import id_number_place
from app.services.passwords import Passwords

POPULATION: Final = Path(__file__).with_name("population.json")
SANDBOX_PASSWORD: Final = "sandbox"  # noqa: S105 - public, as is all of the sandbox
_PROCEDURE_MEMBERS: Final = (
    "code",
    "name",
    "level",
    "processing_days",
    "national_code",
    "is_active",
    "lookups",
    "share_fields",
)


async def load_sandbox(database: Database, sealer: Sealer) -> None:
    """Add what is missing and change nothing that is there; several processes may do so at once."""
    population = json.loads(await asyncio.to_thread(POPULATION.read_text, encoding="utf-8"))
    async with database.read() as session:
        known_officers = await rows.usernames(session)
        known_clients = await rows.client_ids(session)
    officers = [entry for entry in population["officers"] if entry["username"] not in known_officers]
    clients = [entry for entry in population["clients"] if entry["client_id"] not in known_clients]
    # Hashing takes most of the first start's time, so it is done beforehand, and only for new accounts.
    hashes = await _hashes(len(officers) + len(clients))
    async with database.write() as session:
        await rows.add_missing(session, tables.Agency, _agencies(population["agencies"]))
        await rows.add_missing(session, tables.Procedure, _procedures(population["procedures"]))
        await rows.add_missing(
            session, tables.Officer, [_officer(entry, sealer, hashes.pop()) for entry in officers]
        )
        await rows.add_missing(session, tables.Client, [_client(entry, hashes.pop()) for entry in clients])


async def _hashes(count: int) -> list[str]:
    """Hash the one password again and again: each account has its own salt, as anywhere else."""
    if not count:
        return []
    passwords = Passwords()
    try:
        return list(await asyncio.gather(*(passwords.hash(SANDBOX_PASSWORD) for _ in range(count))))
    finally:
        passwords.close()


def _agencies(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Order the agencies with parents first, as the database checks each row that comes."""
    placed: dict[str, dict[str, Any]] = {}
    waiting = entries
    while waiting:
        ready = [entry for entry in waiting if entry["parent"] is None or entry["parent"] in placed]
        if not ready:
            raise ValueError("an agency's parent is missing, or is below it")
        for entry in ready:
            placed[entry["code"]] = {
                "code": entry["code"],
                "name": entry["name"],
                "parent_code": entry["parent"],
            }
        waiting = [entry for entry in waiting if entry["code"] not in placed]
    return list(placed.values())


def _procedures(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{member: entry[member] for member in _PROCEDURE_MEMBERS} for entry in entries]


def _officer(entry: dict[str, Any], sealer: Sealer, password_hash: str) -> dict[str, Any]:
    username, id_number = entry["username"], entry["id_number"]
    return {
        "username": username,
        "full_name": entry["full_name"],
        "agency_code": entry["agency"],
        "roles": entry["roles"],
        "id_number_sealed": sealer.seal(id_number.encode(), place=id_number_place(username))
        if id_number
        else None,
        "password_hash": password_hash,
        "is_active": True,
        "failed_logins": 0,
        "locked_until": None,
    }


def _client(entry: dict[str, Any], secret_hash: str) -> dict[str, Any]:
    return {
        "client_id": entry["client_id"],
        "name": entry["name"],
        "agency_code": entry["agency"],
        "grants": entry["grants"],
        "scopes": entry["scopes"],
        "secret_hash": secret_hash,
        "is_active": True,
    }
