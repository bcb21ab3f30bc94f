"""Reads and writes accounts of officers and connected systems, and agencies, for administrators."""

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, func, select, update

from app.db import tables
from app.db.accounts import change_account
from app.db.conflicts import insert_for
from app.db.engine import Session
from app.domain.accounts import ClientAccount
from app.domain.caller import Role, Scope
from app.domain.directory import Agency

_officer, _client, _agency = tables.Officer, tables.Client, tables.Agency

_OFFICER: Final = select(
    _officer.username,
    _officer.full_name,
    _officer.agency_code,
    _officer.roles,
    _officer.id_number_sealed,
    _officer.is_active,
    _officer.locked_until,
    _officer.second_factor_sealed,
    _officer.last_login_at,
)
_CLIENT: Final = select(
    _client.client_id,
    _client.name,
    _client.agency_code,
    _client.grants,
    _client.scopes,
    _client.networks,
    _client.jwks,
    _client.secret_hash,
    _client.is_active,
)
_ACTIVE_OFFICERS: Final = (
    select(_officer.roles).where(_officer.is_active).order_by(_officer.username).with_for_update()
)


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficerRow:
    """An officer's account as it is stored; the number is still sealed."""

    username: str
    full_name: str
    agency_code: str
    roles: tuple[Role, ...]
    id_number_sealed: bytes | None = field(repr=False)
    is_active: bool
    locked_until: datetime | None
    has_second_factor: bool
    last_login_at: datetime | None


async def officers(
    session: Session, *, agency_codes: Collection[str], after: str | None, limit: int
) -> list[OfficerRow]:
    """Return officers of these agencies in the order of their user names."""
    query = _OFFICER.where(_officer.agency_code.in_(agency_codes)).order_by(_officer.username).limit(limit)
    if after is not None:
        query = query.where(_officer.username > after)
    return [_officer_row(row) for row in await session.execute(query)]


async def officer(
    session: Session,
    username: str,
    *,
    agency_codes: Collection[str] | None = None,
    is_to_change: bool = False,
) -> OfficerRow | None:
    """Return one officer's account, of these agencies if they are told; locked if it is to be changed."""
    query = _OFFICER.where(_officer.username == username)
    if agency_codes is not None:
        query = query.where(_officer.agency_code.in_(agency_codes))
    row = (await session.execute(query.with_for_update() if is_to_change else query)).one_or_none()
    return None if row is None else _officer_row(row)


async def put_officer(
    session: Session, username: str, values: Mapping[str, Any], *, when_new: Mapping[str, Any]
) -> OfficerRow | None:
    """Insert an officer's account or change the one of its name, which is returned as it was."""
    insert = insert_for(session, _officer).values(username=username, **when_new, **values)
    # Two who insert at once: the second waits here for the first, and then changes what that one made.
    made = await session.scalar(insert.on_conflict_do_nothing().returning(_officer.username))
    if made is not None:
        return None
    old = await officer(session, username, is_to_change=True)
    await change_account(session, username, values)
    return old


async def hold_name(session: Session, name: str) -> None:
    """Keep others from making an officer or a system of this name until the transaction ends.

    Each kind has a table of its own, so no constraint does. To be called before any row is held.
    """
    # On SQLite one transaction writes at a time.
    if session.get_bind().dialect.name == "postgresql":
        digest = hashlib.sha256(f"account-name:{name}".encode()).digest()
        await session.execute(select(func.pg_advisory_xact_lock(int.from_bytes(digest[:8], signed=True))))


async def lock_active_officers(session: Session) -> None:
    """Keep others from changing any active account until the transaction ends, taking them in one order."""
    await session.execute(_ACTIVE_OFFICERS)


async def has_active_admin(session: Session) -> bool:
    """Tell whether an active administrator is left; others who take one away wait until this ends."""
    return any(Role.ADMIN.value in roles for roles in await session.scalars(_ACTIVE_OFFICERS))


async def clients(
    session: Session, *, agency_codes: Collection[str], after: str | None, limit: int
) -> list[ClientAccount]:
    """Return connected systems of these agencies in the order of their ids."""
    query = _CLIENT.where(_client.agency_code.in_(agency_codes)).order_by(_client.client_id).limit(limit)
    if after is not None:
        query = query.where(_client.client_id > after)
    return [_client_account(row) for row in await session.execute(query)]


async def client(
    session: Session,
    client_id: str,
    *,
    agency_codes: Collection[str] | None = None,
    is_to_change: bool = False,
) -> ClientAccount | None:
    """Return one connected system, of these agencies if they are told; locked if it is to be changed."""
    query = _CLIENT.where(_client.client_id == client_id)
    if agency_codes is not None:
        query = query.where(_client.agency_code.in_(agency_codes))
    row = (await session.execute(query.with_for_update() if is_to_change else query)).one_or_none()
    return None if row is None else _client_account(row)


async def put_client(
    session: Session, client_id: str, values: Mapping[str, Any], *, when_new: Mapping[str, Any]
) -> ClientAccount | None:
    """Insert a connected system or change the one of its id, which is returned as it was."""
    insert = insert_for(session, _client).values(client_id=client_id, **{**when_new, **values})
    made = await session.scalar(insert.on_conflict_do_nothing().returning(_client.client_id))
    if made is not None:
        return None
    old = await client(session, client_id, is_to_change=True)
    await change_client(session, client_id, values)
    return old


async def change_client(session: Session, client_id: str, values: Mapping[str, Any]) -> None:
    """Change a connected system that is there."""
    await session.execute(update(_client).where(_client.client_id == client_id).values(**values))


async def agencies(session: Session, *, is_to_change: bool = False) -> list[Agency]:
    """Return all agencies; while they are to be changed, others who would change them wait."""
    query = select(_agency.code, _agency.name, _agency.parent_code).order_by(_agency.code)
    if is_to_change:
        # Whoever waited for another here sees in the next statement only what that one has made.
        await session.execute(query.with_for_update())
    rows = await session.execute(query)
    return [Agency(row.code, row.name, row.parent_code) for row in rows]


async def put_agency(session: Session, agency: Agency) -> None:
    """Insert an agency or replace the one of its code."""
    values = {"name": agency.name, "parent_code": agency.parent_code}
    insert = insert_for(session, _agency).values(code=agency.code, **values)
    await session.execute(insert.on_conflict_do_update(index_elements=["code"], set_=values))


def _officer_row(row: Row[Any]) -> OfficerRow:
    return OfficerRow(
        username=row.username,
        full_name=row.full_name,
        agency_code=row.agency_code,
        roles=tuple(role for role in Role if role.value in row.roles),
        id_number_sealed=row.id_number_sealed,
        is_active=row.is_active,
        locked_until=row.locked_until,
        has_second_factor=row.second_factor_sealed is not None,
        last_login_at=row.last_login_at,
    )


def _client_account(row: Row[Any]) -> ClientAccount:
    return ClientAccount(
        client_id=row.client_id,
        name=row.name,
        agency_code=row.agency_code,
        grants=tuple(row.grants),
        scopes=tuple(scope for scope in Scope if scope.value in row.scopes),
        networks=tuple(row.networks),
        jwks=tuple(row.jwks),
        has_secret=row.secret_hash is not None,
        is_active=row.is_active,
    )
