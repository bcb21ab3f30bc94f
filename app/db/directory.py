"""Reads and adds agencies, officers, clients and procedures."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Row, select, update

from app.db import tables
from app.db.conflicts import insert_for
from app.db.engine import BlockingSession, Session
from app.domain.caller import Role, Scope
from app.domain.directory import Agency, AgencyTree, Client, Officer, Procedure
from app.domain.lookup_kind import LookupKind

_AGENCIES: Final = select(tables.Agency.code, tables.Agency.name, tables.Agency.parent_code).order_by(
    tables.Agency.code
)


async def agency_tree(session: Session) -> AgencyTree:
    """Read all agencies."""
    return AgencyTree.of(Agency(*row) for row in await session.execute(_AGENCIES))


def agencies_below(session: BlockingSession, code: str) -> frozenset[str]:
    """Return the codes of an agency and of all below it; empty if there is no such agency."""
    tree = AgencyTree.of(Agency(*row) for row in session.execute(_AGENCIES))
    return tree.reach.get(code, frozenset())


_PROCEDURE: Final = select(
    tables.Procedure.code,
    tables.Procedure.name,
    tables.Procedure.level,
    tables.Procedure.processing_days,
    tables.Procedure.national_code,
    tables.Procedure.is_active,
    tables.Procedure.lookups,
    tables.Procedure.share_fields,
)


async def procedures(session: Session) -> dict[str, Procedure]:
    """Read all procedures, active or not, by code and in the order of their codes."""
    rows = await session.execute(_PROCEDURE)
    # Sorted here, because the databases do not agree on the order of texts.
    return {row.code: _procedure(row) for row in sorted(rows, key=lambda row: row.code)}


async def procedure(session: Session, code: str) -> Procedure | None:
    """Read a procedure, active or not."""
    # A text that the database would refuse, as one with a NUL, is no code either.
    if not code.isprintable():
        return None
    row = (await session.execute(_PROCEDURE.where(tables.Procedure.code == code))).one_or_none()
    return None if row is None else _procedure(row)


async def put_procedure(session: Session, procedure: Procedure) -> Procedure | None:
    """Insert a procedure or replace the one of its code, which is returned."""
    values = {
        "name": procedure.name,
        "level": procedure.level,
        "processing_days": procedure.processing_days,
        "national_code": procedure.national_code,
        "is_active": procedure.is_active,
        "lookups": [kind.value for kind in LookupKind if kind in procedure.lookups],
        "share_fields": list(procedure.share_fields),
    }
    table = tables.Procedure
    # Two who insert at once: the second waits here for the first, and then replaces what that one made.
    insert = insert_for(session, table).values(code=procedure.code, **values).on_conflict_do_nothing()
    if await session.scalar(insert.returning(table.code)) is not None:
        return None
    this = table.code == procedure.code
    old = _procedure((await session.execute(_PROCEDURE.where(this).with_for_update())).one())
    await session.execute(update(table).where(this).values(**values))
    return old


def _procedure(row: Row[Any]) -> Procedure:
    return Procedure(
        code=row.code,
        name=row.name,
        level=row.level,
        processing_days=row.processing_days,
        national_code=row.national_code,
        is_active=row.is_active,
        lookups=frozenset(map(LookupKind, row.lookups)),
        share_fields=tuple(row.share_fields),
    )


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
            table.password_set_at,
            table.reopened_at,
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
        password_set_at=row.password_set_at,
        reopened_at=row.reopened_at,
    )


async def client(session: Session, client_id: str) -> Client | None:
    """Read one connected system, active or not."""
    table = tables.Client
    rows = await session.execute(
        select(
            table.client_id,
            table.name,
            table.agency_code,
            table.grants,
            table.scopes,
            table.is_active,
            table.jwks,
            table.networks,
            table.reopened_at,
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
        jwks=tuple(row.jwks),
        networks=tuple(row.networks),
        reopened_at=row.reopened_at,
    )


async def usernames(session: Session) -> set[str]:
    """Name all officers' accounts."""
    return set(await session.scalars(select(tables.Officer.username)))


async def client_ids(session: Session) -> set[str]:
    """Name all connected systems."""
    return set(await session.scalars(select(tables.Client.client_id)))


async def password_hashes(
    session: Session, *, usernames: Sequence[str], client_ids: Sequence[str]
) -> list[tuple[str, str]]:
    """Return which of these accounts can log in, each with the hash of its password or secret."""
    officer, client = tables.Officer, tables.Client
    officers = await session.execute(
        select(officer.username, officer.password_hash).where(
            officer.username.in_(usernames), officer.is_active
        )
    )
    clients = await session.execute(
        select(client.client_id, client.secret_hash).where(client.client_id.in_(client_ids), client.is_active)
    )
    return [(name, known) for name, known in (*officers, *clients) if known is not None]


async def officers_without_second_factor(session: Session, roles: Collection[Role]) -> list[str]:
    """Name the active officers with one of these roles who log in with a password alone."""
    table = tables.Officer
    found = await session.execute(
        select(table.username, table.roles)
        .where(table.is_active, table.second_factor_sealed.is_(None))
        .order_by(table.username)
    )
    return [username for username, held in found if not set(roles).isdisjoint(map(Role, held))]


async def add_missing(session: Session, table: type[tables.Base], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert the rows whose key is not there yet and leave the others as they are, whoever adds as well."""
    if not rows:
        return
    await session.execute(insert_for(session, table).on_conflict_do_nothing(), [dict(row) for row in rows])
