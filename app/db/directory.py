"""Reads and adds agencies, officers, clients and procedures."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select

from app.db import tables
from app.db.conflicts import insert_for
from app.db.engine import Session
from app.domain.caller import Role, Scope
from app.domain.directory import Agency, AgencyTree, Client, Officer, Procedure
from app.domain.lookup_kind import LookupKind


async def agency_tree(session: Session) -> AgencyTree:
    """Read all agencies."""
    table = tables.Agency
    rows = await session.execute(select(table.code, table.name, table.parent_code).order_by(table.code))
    return AgencyTree.of(Agency(*row) for row in rows)


async def procedures(session: Session) -> dict[str, Procedure]:
    """Read all procedures, active or not, by code and in the order of their codes."""
    table = tables.Procedure
    rows = await session.execute(
        select(
            table.code,
            table.name,
            table.level,
            table.processing_days,
            table.national_code,
            table.is_active,
            table.lookups,
            table.share_fields,
        )
    )
    return {
        row.code: Procedure(
            code=row.code,
            name=row.name,
            level=row.level,
            processing_days=row.processing_days,
            national_code=row.national_code,
            is_active=row.is_active,
            lookups=frozenset(map(LookupKind, row.lookups)),
            share_fields=tuple(row.share_fields),
        )
        # Sorted here, because the databases do not agree on the order of texts.
        for row in sorted(rows, key=lambda row: row.code)
    }


async def officer(session: Session, username: str) -> Officer | None:
    """Read one officer's account, active or not."""
    table = tables.Officer
    rows = await session.execute(
        select(
            table.username,
            table.full_name,
            table.agency_code,
            table.roles,
            table.id_number_sealed,
            table.is_active,
        ).where(table.username == username)
    )
    row = rows.one_or_none()
    if row is None:
        return None
    return Officer(
        username=row.username,
        full_name=row.full_name,
        agency_code=row.agency_code,
        roles=frozenset(map(Role, row.roles)),
        id_number_sealed=row.id_number_sealed,
        is_active=row.is_active,
    )


async def client(session: Session, client_id: str) -> Client | None:
    """Read one connected system, active or not."""
    table = tables.Client
    rows = await session.execute(
        select(
            table.client_id, table.name, table.agency_code, table.grants, table.scopes, table.is_active
        ).where(table.client_id == client_id)
    )
    row = rows.one_or_none()
    if row is None:
        return None
    return Client(
        client_id=row.client_id,
        name=row.name,
        agency_code=row.agency_code,
        grants=frozenset(row.grants),
        registered_scopes=frozenset(map(Scope, row.scopes)),
        is_active=row.is_active,
    )


async def usernames(session: Session) -> set[str]:
    """Name all officers' accounts."""
    return set(await session.scalars(select(tables.Officer.username)))


async def client_ids(session: Session) -> set[str]:
    """Name all connected systems."""
    return set(await session.scalars(select(tables.Client.client_id)))


async def add_missing(session: Session, table: type[tables.Base], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert the rows whose key is not there yet and leave the others as they are, whoever adds as well."""
    if not rows:
        return
    await session.execute(insert_for(session, table).on_conflict_do_nothing(), [dict(row) for row in rows])
