"""Agencies (cơ quan), for administrators: the own one and those below it."""

from dataclasses import replace
from datetime import datetime
from typing import Final

from app.clock import Clock
from app.db import account_rows as rows
from app.db.engine import Database
from app.domain.audit_event import AuditEvent, AuditKind
from app.domain.caller import Caller
from app.domain.directory import Agency, AgencyTree
from app.domain.keyed_page import KeyedPage
from app.errors import FieldFaultError, NotFoundError
from app.services.audit_log import AuditLog
from app.services.directory import Directory

CREATED: Final = "agency-created"
REPLACED: Final = "agency-replaced"

_PARENT: Final = "/parent"


class Agencies:
    """Reads and changes the tree of agencies. None is ever removed: cases and the log name it."""

    def __init__(self, *, database: Database, directory: Directory, audit: AuditLog, clock: Clock) -> None:
        self._database = database
        self._directory = directory
        self._audit = audit
        self._clock = clock

    async def list_agencies(self, caller: Caller, *, after: str | None, limit: int) -> KeyedPage[Agency]:
        """Return a page of the agencies within the caller's reach, in the order of their codes."""
        async with self._database.read() as session:
            found = await rows.agencies(session)
        within = sorted(
            (agency for agency in found if agency.code in caller.reach and (after or "") < agency.code),
            key=lambda agency: agency.code,
        )
        return KeyedPage.cut(within, limit, key=lambda agency: agency.code)

    async def get(self, caller: Caller, code: str) -> Agency:
        """Return one agency.

        Raises:
            NotFoundError: there is none, or it is out of the caller's reach.
        """
        async with self._database.read() as session:
            found = AgencyTree.of(await rows.agencies(session)).agencies.get(code)
        if found is None or code not in caller.reach:
            raise NotFoundError
        return found

    async def put(self, caller: Caller, wanted: Agency) -> bool:
        """Create an agency below another, or replace it; tell whether it is new.

        Raises:
            NotFoundError: it exists out of the caller's reach.
            FieldFaultError: the parent is unknown, out of reach, or at or below the agency itself; or one
                that has a parent would have none, or the other way round.
            ServiceUnavailableError, AuditUnavailableError: nothing was changed, unless the connection was
                lost during the commit.
        """
        async with self._database.write() as session:
            tree = AgencyTree.of(await rows.agencies(session, is_to_change=True))
            old = tree.agencies.get(wanted.code)
            _check(tree, old, wanted, caller)
            await rows.put_agency(session, wanted)
            await self._audit.append_within(session, _change(caller, old, wanted, at=self._clock()))
        self._directory.forget_procedures()
        return old is None


def _check(tree: AgencyTree, old: Agency | None, wanted: Agency, caller: Caller) -> None:
    if old is not None and old.code not in caller.reach:
        raise NotFoundError
    if old is not None and old.parent_code == wanted.parent_code:
        return
    if not tree.agencies and wanted.parent_code is None:
        # The first one, which only an operator can make: nobody has an account yet.
        return
    if wanted.parent_code is None or (old is not None and old.parent_code is None):
        # There is one root, and it stays where it is.
        raise FieldFaultError(_PARENT, "not-allowed")
    if wanted.parent_code not in caller.reach:
        raise FieldFaultError(_PARENT, "not-allowed")
    if wanted.parent_code in tree.reach.get(wanted.code, frozenset({wanted.code})):
        raise FieldFaultError(_PARENT, "not-allowed")


def _change(caller: Caller, old: Agency | None, new: Agency, *, at: datetime) -> AuditEvent:
    details: dict[str, str | int | tuple[str, ...]] = {"agency_code": new.code}
    if new.parent_code is not None:
        details["new_parent"] = new.parent_code
    if old is not None and old.parent_code is not None:
        details["old_parent"] = old.parent_code
    event = AuditEvent.of_caller(caller, kind=AuditKind.CHANGE, at=at)
    return replace(event, result=CREATED if old is None else REPLACED, details=details)
