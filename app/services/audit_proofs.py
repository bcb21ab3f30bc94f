"""Proofs from the audit log's tree, for auditors. That one was read is itself put on record."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from app.alerts import Alert, Alerts
from app.clock import Clock
from app.db import audit, audit_search, audit_tree
from app.db.audit_tree import AuditTreeBrokenError
from app.db.engine import Database, Session
from app.domain.audit_proof import ConsistencyProof, InclusionProof
from app.domain.caller import Caller
from app.errors import FieldFaultError, NotFoundError, ServiceUnavailableError
from app.services.audit_log import AuditLog
from app.services.audit_reader import READ, record_reading
from app.services.checkpoints import Checkpoints

BEYOND_LOG: Final = "beyond-log"
NOT_IN_TREE: Final = "record-not-in-tree"
NOT_IN_CHECKPOINT: Final = "record-not-in-checkpoint"

# Together a little more than a checkpoint takes to be made by whichever process makes it.
_LOOKS: Final = 15
_LOOK_SECONDS: Final = 0.2


class AuditProofs:
    """Proves what the log holds, as far as the caller may read it."""

    def __init__(
        self,
        *,
        database: Database,
        audit_log: AuditLog,
        checkpoints: Checkpoints,
        alerts: Alerts,
        clock: Clock,
    ) -> None:
        self._alerts = alerts
        self._database = database
        self._audit_log = audit_log
        self._checkpoints = checkpoints
        self._clock = clock

    async def inclusion(self, caller: Caller, sequence: int, tree_size: int | None) -> InclusionProof:
        """Prove that the log of `tree_size` records, None for the newest checkpoint's, holds this one.

        Raises:
            NotFoundError: there is no such record, or it is of an agency out of the caller's reach.
            FieldFaultError: the log never had that size, or had not this record then.
            ServiceUnavailableError: the database cannot be read, or its tree is broken.
            AuditUnavailableError: the reading cannot be put on record.
        """
        async with self._reading() as session:
            found = await audit_search.record(session, reach=caller.reach, sequence=sequence)
            log_size = await audit.log_size(session)
        if found is None:
            # What was typed in place of a sequence may be a person's number.
            await record_reading(self._audit_log, caller, at=self._clock(), result=NotFoundError.code)
            raise NotFoundError
        size = await self._checkpoint_size(sequence) if tree_size is None else tree_size
        if size > log_size and tree_size is not None:
            raise FieldFaultError("tree_size", BEYOND_LOG)
        if sequence >= size:
            raise FieldFaultError("tree_size", NOT_IN_CHECKPOINT if tree_size is None else NOT_IN_TREE)
        async with self._reading() as session:
            hashes = await audit_tree.inclusion_proof(session, sequence, size)
        details: dict[str, str | int] = {"proof": "inclusion", "sequence": sequence, "tree_size": size}
        await record_reading(self._audit_log, caller, at=self._clock(), result=READ, details=details)
        return InclusionProof(sequence, size, found.leaf_hash, tuple(hashes))

    async def consistency(self, caller: Caller, first: int, second: int) -> ConsistencyProof:
        """Prove that the log of `second` records begins with the log of `first`, which is not empty.

        Raises:
            FieldFaultError: `first` is larger than `second`, or the log never had as many records.
            ServiceUnavailableError, AuditUnavailableError: as for `inclusion`.
        """
        async with self._reading() as session:
            log_size = await audit.log_size(session)
            if second > log_size:
                raise FieldFaultError("to", BEYOND_LOG)
            if first > second:
                raise FieldFaultError("from", "out-of-range")
            hashes = await audit_tree.consistency_proof(session, first, second)
        details: dict[str, str | int] = {"proof": "consistency", "from": first, "to": second}
        await record_reading(self._audit_log, caller, at=self._clock(), result=READ, details=details)
        return ConsistencyProof(first, second, tuple(hashes))

    async def _checkpoint_size(self, sequence: int) -> int:
        """Return the newest checkpoint's size; for a record of the last moment, wait for the next one."""
        for _ in range(_LOOKS):
            size = (await self._checkpoints.newest()).size
            if size > sequence:
                break
            await asyncio.sleep(_LOOK_SECONDS)
        return size

    @asynccontextmanager
    async def _reading(self) -> AsyncIterator[Session]:
        try:
            async with self._database.read() as session:
                yield session
        except AuditTreeBrokenError as exc:
            self._alerts.tell(Alert.AUDIT_TREE_BROKEN)
            raise ServiceUnavailableError from exc
