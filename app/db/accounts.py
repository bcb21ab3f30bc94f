"""Reads and writes what log-in needs of an account: its hashes, its second factor, and how it was used."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select, update

from app.db.engine import Session
from app.db.tables import Client, Officer
from app.domain.account_state import AccountState
from app.domain.caller import Role
from app.domain.login_lock import LoginLock


async def password_hash(session: Session, username: str) -> str | None:
    """Read the argon2id hash of an active officer's password."""
    query = select(Officer.password_hash).where(Officer.username == username, Officer.is_active)
    found: str | None = await session.scalar(query)
    return found


async def secret_hash(session: Session, client_id: str) -> str | None:
    """Read the argon2id hash of an active client's secret; None also for one without a secret."""
    query = select(Client.secret_hash).where(Client.client_id == client_id, Client.is_active)
    found: str | None = await session.scalar(query)
    return found


async def account_state(session: Session, username: str) -> AccountState | None:
    """Read an active officer's account and keep others from changing it until the transaction ends."""
    rows = await session.execute(
        select(
            Officer.roles,
            Officer.password_hash,
            Officer.failed_logins,
            Officer.locked_until,
            Officer.second_factor_sealed,
            Officer.second_factor_step,
            Officer.password_set_at,
            Officer.enabled_at,
            Officer.reopened_at,
            Officer.last_login_at,
        )
        .where(Officer.username == username, Officer.is_active)
        .with_for_update()
    )
    row = rows.one_or_none()
    if row is None:
        return None
    return AccountState(
        username=username,
        roles=frozenset(map(Role, row.roles)),
        password_hash=row.password_hash,
        lock=LoginLock(row.failed_logins, row.locked_until),
        second_factor_sealed=row.second_factor_sealed,
        second_factor_step=row.second_factor_step,
        password_set_at=row.password_set_at,
        enabled_at=row.enabled_at,
        reopened_at=row.reopened_at,
        last_login_at=row.last_login_at,
    )


async def change_account(session: Session, username: str, values: Mapping[str, Any]) -> None:
    """Change an officer's account that is there."""
    await session.execute(update(Officer).where(Officer.username == username).values(**values))


async def forget_lost_second_factor(session: Session, username: str) -> None:
    """Note that an account without a second factor has a password that is strong by itself."""
    lost = update(Officer).where(Officer.username == username, Officer.second_factor_sealed.is_(None))
    await session.execute(lost.values(second_factor_step=None))


async def second_factor_offered(session: Session, username: str) -> bytes | None:
    """Read the secret that was offered and is not confirmed yet."""
    found: bytes | None = await session.scalar(
        select(Officer.second_factor_offered).where(Officer.username == username)
    )
    return found


async def former_password_hashes(session: Session, username: str, *, is_to_change: bool = False) -> list[str]:
    """Read the hashes of an officer's passwords, the present one first; none if there is no such account.

    While they are to be changed, others who would change them wait until the transaction ends.
    """
    query = select(Officer.password_hash, Officer.former_password_hashes).where(Officer.username == username)
    rows = await session.execute(query.with_for_update() if is_to_change else query)
    row = rows.one_or_none()
    return [] if row is None else [row.password_hash, *row.former_password_hashes]
