"""Data keys of the audit log: one for each agency and month, so that one can be destroyed without the others.

What a record seals is under the key of its agency and of the month, in Vietnam, of its time.
"""

import asyncio
import re
from datetime import datetime
from functools import partial
from typing import Final

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from app.db import audit_data_keys as rows
from app.db.engine import Database
from app.domain.working_time import VIETNAM_TIME
from app.errors import AuditUnavailableError
from app.keys.sealing import Seal, Sealer

MONTH: Final = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")
_RETRY_AFTER_SECONDS: Final = 2


def month_of(at: datetime) -> str:
    """Return the month of a time in Vietnam, as YYYY-MM."""
    return at.astimezone(VIETNAM_TIME).strftime("%Y-%m")


class AuditDataKeys:
    """Gives seals; those to seal with are remembered until another month is asked for."""

    def __init__(self, database: Database, sealer: Sealer) -> None:
        self._database = database
        self._sealer = sealer
        self._month = ""
        self._seals: dict[str, Seal] = {}
        self._making = asyncio.Lock()

    def at_hand(self, agency: str | None, at: datetime) -> Seal | None:
        """Return the seal for a new record if it is remembered, as it nearly always is."""
        return self._seals.get(agency or "") if month_of(at) == self._month else None

    async def to_seal(self, agency: str | None, at: datetime) -> Seal:
        """Return the seal for a new record, made at the first one of an agency in a month.

        Raises:
            AuditUnavailableError: the key was destroyed, so nothing may be sealed with it any more.
            ServiceUnavailableError: the database cannot be reached.
        """
        name, month = agency or "", month_of(at)
        async with self._making:
            if month != self._month:
                self._month, self._seals = month, {}
            if name not in self._seals:
                self._seals[name] = await self._made(name, month)
            return self._seals[name]

    async def to_open(self, agency: str | None, at: datetime) -> Seal | None:
        """Return the seal that opens what records of an agency and month hold; None if it was destroyed.

        Raises:
            ServiceUnavailableError: the database cannot be reached.
        """
        name, month = agency or "", month_of(at)
        async with self._database.read() as session:
            wrapped = await rows.wrapped(session, name, month)
        return self._opened(name, month, wrapped) if wrapped else None

    async def _made(self, name: str, month: str) -> Seal:
        new = self._sealer.seal(AESGCM.generate_key(bit_length=256), place=data_key_place(name, month))
        # Over the audit log's own connections: nothing else may hold it up.
        wrapped = await self._database.append(partial(rows.kept, agency=name, month=month, new=new))
        if wrapped is None:
            raise AuditUnavailableError(retry_after_seconds=_RETRY_AFTER_SECONDS)
        return self._opened(name, month, wrapped)

    def _opened(self, name: str, month: str, wrapped: bytes) -> Seal:
        return Seal(self._sealer.unseal(wrapped, place=data_key_place(name, month)))


def data_key_place(agency: str, month: str) -> str:
    """Name the place for which a data key is sealed."""
    return f"audit-data-key:{agency}:{month}"
