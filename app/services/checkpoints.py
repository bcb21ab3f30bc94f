"""Makes signed checkpoints of the audit log, keeps them, and hands each to the external anchor.

Before anything is signed, the log is held against the newest checkpoint of the database and of the anchor: a
log that does not begin with both has been cut, rewritten or restored, and is never signed.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

import structlog

from app.clock import Clock
from app.db import audit_tree, checkpoints
from app.db.audit_tree import AuditTreeBrokenError
from app.db.checkpoints import StoredCheckpoint
from app.db.engine import Database, Session
from app.domain.checkpoint import Checkpoint, CheckpointMalformedError, SignedNote, verifier_key
from app.domain.merkle import Frontier, verify_consistency
from app.errors import ServiceUnavailableError
from app.keys.log_keys import CheckpointNotSignedError, LogKeys, LogKeyUnknownError, verified
from app.pauses import pause
from app.services.checkpoint_anchor import AnchoredCheckpoint, CheckpointAnchor
from app.services.checkpoint_patience import CheckpointPatience

PAUSE_SECONDS: Final = 1.0
_ANCHOR_BATCH: Final = 1000
_RETRY_AFTER_SECONDS: Final = 2
NEW_KEY_PATIENCE: Final = timedelta(minutes=10)
"""How long another process may sign with a key that this one has not read: services are being restarted."""

log = structlog.get_logger(__name__)

AnchorOf = Callable[[bytes | None], CheckpointAnchor | None]
"""Gives the anchor of the log with this first leaf; None if a log without records has none yet."""


class CheckpointRefusedError(Exception):
    """The log contradicts a checkpoint, or a checkpoint is not ours: nothing may be signed."""


class NewKeyAwaitedError(CheckpointRefusedError):
    """A checkpoint is signed by a key that this process does not know yet; nobody has to be told so soon."""


class AnchorLostError(Exception):
    """The anchor had checkpoints and has none: what it lies on may be away, and is not begun anew."""


async def name_of_log(database: Database) -> str | None:
    """Return the name under which the log was signed, None if it never was.

    Raises:
        ServiceUnavailableError: the database cannot be read.
        CheckpointMalformedError: what is kept as the newest checkpoint is not one.
    """
    async with database.read() as session:
        newest = await checkpoints.newest(session)
    return None if newest is None else Checkpoint.parsed(SignedNote.parsed(newest.note).text).origin


class Checkpoints:
    """Makes the checkpoints of the log named `origin`."""

    def __init__(
        self,
        *,
        database: Database,
        log_keys: LogKeys,
        origin: str,
        anchor_of: AnchorOf,
        patience: CheckpointPatience,
        clock: Clock,
    ) -> None:
        self._database = database
        self._log_keys = log_keys
        self._origin = origin
        self._anchor_of = anchor_of
        self._patience = patience
        self._clock = clock
        self._seen_size: int | None = None
        self._has_anchored = False
        self._covered_size: int | None = None
        self._new_key_since: datetime | None = None

    @property
    def verifier_keys(self) -> tuple[str, ...]:
        """The log's public keys as verifiers take them, that of the present signing key first."""
        return tuple(verifier_key(self._origin, key) for key in self._log_keys.public_keys)

    async def newest(self) -> StoredCheckpoint:
        """Return the newest checkpoint.

        Raises:
            ServiceUnavailableError: there is none yet, or the database cannot be read.
        """
        async with self._database.read() as session:
            found = await checkpoints.newest(session)
        if found is None:
            raise ServiceUnavailableError(retry_after_seconds=_RETRY_AFTER_SECONDS)
        return found

    async def run(self, *, stopping: asyncio.Event, pause_seconds: float = PAUSE_SECONDS) -> None:
        """Make a checkpoint after each pause if the log has grown, and a last one at the end."""
        while not stopping.is_set():
            await self._round(yields_to_others=True)
            await pause(pause_seconds, stopping=stopping)
        await self._round(yields_to_others=False)

    async def _round(self, *, yields_to_others: bool) -> None:
        try:
            await self.make(yields_to_others=yields_to_others)
        except Exception as failure:  # noqa: BLE001 - the next round makes up for it
            is_refused = isinstance(failure, CheckpointRefusedError)
            # Else only the kind: a driver's message can hold values.
            reason = str(failure) if is_refused else type(failure).__name__
            is_alert = is_refused and not isinstance(failure, NewKeyAwaitedError)
            waited_seconds, records = await self._uncovered()
            self._patience.failed(reason, is_alert=is_alert, waited_seconds=waited_seconds, records=records)
        else:
            self._patience.succeeded()

    async def make(self, *, yields_to_others: bool = False) -> None:
        """Sign the log as it is, if it has grown, keep the checkpoint, and anchor all that are not yet.

        `yields_to_others` leaves the signing out when somebody else made a checkpoint since the last call:
        one a second is enough for all processes.

        Raises:
            CheckpointRefusedError: the log contradicts a checkpoint.
            NewKeyAwaitedError: a checkpoint is signed by a key that was new not long ago.
            ServiceUnavailableError: the database cannot be read or written.
            OSError, AnchorLostError: the anchor cannot be read or written.
        """
        async with self._database.read() as session:
            anchor = self._anchor_of(await checkpoints.first_leaf(session))
        # Before the checkpoints of the database, so that all that the anchor has must be there too.
        anchored = await asyncio.to_thread(anchor.newest) if anchor else None
        if anchored is not None:
            self._has_anchored, self._covered_size = True, anchored.size
        elif self._has_anchored:
            raise AnchorLostError
        made = await self._due(anchored, yields_to_others=yields_to_others)
        if made is not None:
            async with self._database.write() as session:
                await checkpoints.add(session, made)
            self._seen_size = made.size
        if anchor is not None:
            await self._hand_over(anchor, anchored.size if anchored else 0)
        else:
            self._covered_size = None

    async def _due(
        self, anchored: AnchoredCheckpoint | None, *, yields_to_others: bool
    ) -> StoredCheckpoint | None:
        """Return the signed checkpoint that is due, if one is."""
        try:
            async with self._database.read() as session:
                newest = await checkpoints.newest(session)
                tree = await audit_tree.frontier(session)
                unknown = await self._hold_against(session, tree, newest, anchored)
                is_due = newest is None or newest.size != tree.size
                seen_size, self._seen_size = self._seen_size, newest.size if newest else None
                if yields_to_others and seen_size is not None and self._seen_size != seen_size:
                    is_due = False
                if is_due and tree.root != await audit_tree.root_at(session, tree.size):
                    raise CheckpointRefusedError("the log's head is not that of its records")
        except (AuditTreeBrokenError, CheckpointNotSignedError, CheckpointMalformedError) as exc:
            raise CheckpointRefusedError(str(exc)) from exc
        if unknown is not None:
            # Only now: a new key must not hide that something else is wrong.
            raise self._refusal_of_new_key(str(unknown)) from unknown
        self._new_key_since = None
        if not is_due:
            return None
        note = self._log_keys.sign(Checkpoint(self._origin, tree.size, tree.root))
        return StoredCheckpoint(tree.size, tree.root, note, self._clock())

    def _refusal_of_new_key(self, reason: str) -> CheckpointRefusedError:
        now = self._clock()
        self._new_key_since = self._new_key_since or now
        if now - self._new_key_since < NEW_KEY_PATIENCE:
            return NewKeyAwaitedError(f"{reason} that this process has read")
        return CheckpointRefusedError(reason)

    async def _hold_against(
        self,
        session: Session,
        tree: Frontier,
        newest: StoredCheckpoint | None,
        anchored: AnchoredCheckpoint | None,
    ) -> LogKeyUnknownError | None:
        """Refuse unless the log begins with what was signed before; return what a new key signed."""
        unknown = None
        for note in {one.note for one in (newest, anchored) if one is not None}:
            try:
                earlier = verified(note, origin=self._origin, public_keys=self._log_keys.public_keys)
            except LogKeyUnknownError as exc:
                unknown = exc
                continue
            if earlier.size > tree.size:
                raise CheckpointRefusedError("the log is shorter than a checkpoint")
            proof = (
                await audit_tree.consistency_proof(session, earlier.size, tree.size) if earlier.size else []
            )
            if not verify_consistency(
                earlier.size, tree.size, proof, first_root=earlier.root, second_root=tree.root
            ):
                raise CheckpointRefusedError("the log does not begin with a checkpoint")
        if anchored is not None and (newest is None or anchored.size > newest.size):
            raise CheckpointRefusedError("the database lost a checkpoint that the anchor has")
        return unknown

    async def _hand_over(self, anchor: CheckpointAnchor, size: int) -> None:
        while True:
            async with self._database.read() as session:
                missing = await checkpoints.larger_than(session, size, limit=_ANCHOR_BATCH)
            if not missing:
                return
            if not size and len(missing) > 1:
                # A new log begins with one. Is the directory that of the anchor, or one below an empty mount?
                log.warning("anchor-begun-late", first_size=missing[0].size)
            await asyncio.to_thread(anchor.append, missing)
            size = self._covered_size = missing[-1].size
            self._has_anchored = True

    async def _uncovered(self) -> tuple[float, int]:
        """Tell how long the first record that no anchored checkpoint covers has waited, and how many wait.

        A process that has not reached its anchor yet takes what the database has signed for covered: how far
        the anchor is, it cannot know.
        """
        try:
            async with self._database.read() as session:
                size = (await audit_tree.frontier(session)).size
                if self._covered_size is None:
                    newest = await checkpoints.newest(session)
                    self._covered_size = newest.size if newest else 0
                covered = self._covered_size
                since = await checkpoints.time_of_record(session, covered)
        except (ServiceUnavailableError, AuditTreeBrokenError):
            return 0.0, 0
        return (self._clock() - since).total_seconds() if since else 0.0, max(0, size - covered)
