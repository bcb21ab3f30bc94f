"""The one transaction in which a case changes, with its kept answer, the feed and, last, the audit log."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Final

import structlog

from app.clock import Clock
from app.db import case_changes, kept_answers
from app.db.engine import BlockingSession, Database
from app.db.kept_answers import Kept, KeyTakenError
from app.domain.audit_event import AuditEvent
from app.domain.caller import Caller
from app.domain.case import Case
from app.domain.case_change import ChangeKind, FieldChange
from app.errors import IdempotencyKeyInUseError, IdempotencyKeyReusedError
from app.keys.sealing import Sealer
from app.pauses import pause
from app.services.audit_log import AuditLog
from app.services.change_rows import ChangeRows

log = structlog.get_logger(__name__)

KEPT_FOR: Final = timedelta(hours=24)
_FORGETTING_PAUSE_SECONDS: Final = 3_600.0
_IN_USE_SECONDS: Final = 1


@dataclass(frozen=True, slots=True)
class KeyedRequest:
    """A request that came with an Idempotency-Key.

    `asked` says all that it asks for, in one form; `write_down` gives its answer as it is to be repeated, and
    `agency_of` the code of the agency whose case such an answer shows.
    """

    key: str = field(repr=False)
    asked: str = field(repr=False)
    write_down: Callable[[Case], str] = field(repr=False)
    agency_of: Callable[[str], str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """The answer that the first request with a key had, as it was written down."""

    text: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A case as a transaction leaves it, and what changed; `event` is None if nothing did."""

    case: Case
    kind: ChangeKind = ChangeKind.REGISTERED
    fields: tuple[FieldChange, ...] = ()
    note: str | None = field(default=None, repr=False)
    event: AuditEvent | None


Work = Callable[[BlockingSession], Written]


class CaseWriter:
    """Runs what changes a case, once for each Idempotency-Key of a caller within 24 hours."""

    def __init__(self, *, database: Database, audit: AuditLog, sealer: Sealer, clock: Clock) -> None:
        self._database = database
        self._audit = audit
        self._sealer = sealer
        self._clock = clock
        self._rows = ChangeRows(sealer)
        self._running: set[bytes] = set()

    async def write(self, caller: Caller, work: Work) -> Case:
        """Run `work` in a transaction, with all that belongs to a change.

        Raises:
            AuditUnavailableError, ServiceUnavailableError: nothing was changed, unless the connection was
                lost during the commit.
        """
        return await self._database.change(lambda session: self._finish(session, caller, work(session)))

    async def write_once(
        self, caller: Caller, work: Work, *, keyed: KeyedRequest | None
    ) -> Case | KeptAnswer:
        """Do as `write` does, or give the answer that the caller's first request with the key had.

        A request that fails keeps nothing, so its key can be used again. Without a key it is just `write`.

        Raises:
            IdempotencyKeyReusedError: the key came with another request before, or while the caller belonged
                to an agency whose cases are out of reach by now.
            IdempotencyKeyInUseError: the first request with the key is still running.
            AuditUnavailableError, ServiceUnavailableError: as for `write`.
        """
        if keyed is None:
            return await self.write(caller, work)
        key_ref = self._key_ref(caller, keyed)
        with self._taken(key_ref):
            return await self._database.change(
                lambda session: self._written_once(session, caller, work, keyed, key_ref)
            )

    async def run_forgetting(self, *, stopping: asyncio.Event) -> None:
        """Delete answers that no longer count, now and every hour, until `stopping`."""
        while not stopping.is_set():
            try:
                before = self._clock() - KEPT_FOR
                await self._database.change(partial(kept_answers.forget_answers, before=before))
            except Exception as failure:  # noqa: BLE001 - the next try makes up for it
                log.warning("kept-answers-not-forgotten", failure=type(failure).__name__)
            await pause(_FORGETTING_PAUSE_SECONDS, stopping=stopping)

    def _written_once(
        self, session: BlockingSession, caller: Caller, work: Work, keyed: KeyedRequest, key_ref: bytes
    ) -> Case | KeptAnswer:
        earlier = self._earlier(session, caller, key_ref, keyed)
        if earlier is not None:
            return earlier
        written = work(session)
        self._keep(session, key_ref, keyed, written.case)
        return self._finish(session, caller, written)

    def _finish(self, session: BlockingSession, caller: Caller, written: Written) -> Case:
        """Append to the feed and then to the log: in this order everywhere, so that no two wait in a ring."""
        if written.event is not None:
            columns = self._rows.columns(
                caller, written.case, written.kind, written.fields, note=written.note, at=written.event.at
            )
            case_changes.append_change(session, columns)
            self._audit.append_in(session, written.event)
        return written.case

    @contextmanager
    def _taken(self, key_ref: bytes) -> Iterator[None]:
        """Refuse a second request of this process at once; those of others are refused by the database."""
        if key_ref in self._running:
            raise IdempotencyKeyInUseError(retry_after_seconds=_IN_USE_SECONDS)
        self._running.add(key_ref)
        try:
            yield
        finally:
            self._running.discard(key_ref)

    def _earlier(
        self, session: BlockingSession, caller: Caller, key_ref: bytes, keyed: KeyedRequest
    ) -> KeptAnswer | None:
        try:
            kept = kept_answers.take_key(session, key_ref, since=self._clock() - KEPT_FOR)
        except KeyTakenError as exc:
            raise IdempotencyKeyInUseError(retry_after_seconds=_IN_USE_SECONDS) from exc
        if kept is None:
            return None
        if kept.request_ref != self._request_ref(keyed):
            raise IdempotencyKeyReusedError
        text = self._sealer.unseal(kept.answer_sealed, place=answer_place(key_ref)).decode()
        if keyed.agency_of(text) not in caller.reach:
            raise IdempotencyKeyReusedError
        return KeptAnswer(text)

    def _keep(self, session: BlockingSession, key_ref: bytes, keyed: KeyedRequest, case: Case) -> None:
        sealed = self._sealer.seal(keyed.write_down(case).encode(), place=answer_place(key_ref))
        kept = Kept(self._request_ref(keyed), sealed)
        kept_answers.keep_answer(session, key_ref, kept, at=self._clock())

    def _key_ref(self, caller: Caller, keyed: KeyedRequest) -> bytes:
        # Neither a user's nor a client's name can hold the separator.
        owner = f"{caller.username or ''}\x00{caller.client_id or ''}"
        return self._sealer.reference(f"{owner}\x00{keyed.key}", use="idempotency.key")

    def _request_ref(self, keyed: KeyedRequest) -> bytes:
        return self._sealer.reference(keyed.asked, use="idempotency.request")


def answer_place(key_ref: bytes) -> str:
    """Name the place for which a kept answer is sealed."""
    return f"idempotency.answer:{key_ref.hex()}"
