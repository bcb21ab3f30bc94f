"""Reads and writes what log-in needs of an account: its hash, and the count of bad log-ins."""

from sqlalchemy import select, update

from app.db.engine import Session
from app.db.tables import Client, Officer
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


async def login_lock(session: Session, username: str) -> LoginLock | None:
    """Read the count of bad log-ins and keep others from changing it until the transaction ends."""
    rows = await session.execute(
        select(Officer.failed_logins, Officer.locked_until)
        .where(Officer.username == username)
        .with_for_update()
    )
    row = rows.one_or_none()
    return None if row is None else LoginLock(row.failed_logins, row.locked_until)


async def set_login_lock(session: Session, username: str, lock: LoginLock) -> None:
    """Write the count of bad log-ins."""
    await session.execute(
        update(Officer)
        .where(Officer.username == username)
        .values(failed_logins=lock.failed_logins, locked_until=lock.locked_until)
    )
