"""A desk to register cases at: the service over each real database, two agencies and their tree."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from app.db import tables
from app.db.engine import Database
from app.domain.audit_event import AuditEvent, AuditKind
from app.domain.caller import SCOPES_OF_ROLE, Caller, Role, Scope
from app.domain.case import Applicant, Case, CaseContent, CaseFilters, CasePage, CaseRegistration, Document
from app.domain.case_status import Channel, DocumentForm
from app.domain.holidays_vn import vietnamese_calendar
from app.domain.lookup_kind import LookupKind
from app.keys.sealing import Sealer
from app.services.audit_log import AuditLog
from app.services.case_rows import CaseRows
from app.services.case_words import CaseWords
from app.services.case_writer import CaseWriter
from app.services.cases import Cases
from app.services.directory import Directory
from tests.conftest import NOON

AGENCIES = {"H24": None, "H24.15": "H24", "H24.15.01": "H24.15", "H24.16": "H24"}
CALENDAR = vietnamese_calendar(range(2026, 2029))


class SteppedClock:
    """Stands still until a test moves it."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **step: float) -> None:
        self.now += timedelta(**step)


def officer(username: str, agency_code: str, *, role: Role = Role.RECEIVER) -> Caller:
    reach = (
        {code for code in AGENCIES if code.startswith(agency_code)} if role is Role.MANAGER else {agency_code}
    )
    return Caller(
        username=username,
        client_id=None,
        agency_code=agency_code,
        roles=frozenset({role}),
        scopes=SCOPES_OF_ROLE[role],
        reach=frozenset(reach),
        source_address="127.0.0.1",
    )


RECEIVER = officer("receiver", "H24.15")
COLLEAGUE = officer("receiver3", "H24.15")
RECEIVER_BELOW = officer("receiver15", "H24.15.01")
STRANGER = officer("receiver2", "H24.16")
MANAGER = officer("manager", "H24.15", role=Role.MANAGER)
PORTAL = Caller(
    username=None,
    client_id="portal",
    agency_code="H24",
    roles=frozenset(),
    scopes=frozenset({Scope.CASES_READ, Scope.CASES_WRITE}),
    reach=frozenset(AGENCIES),
    source_address="127.0.0.1",
)

APPLICANT = Applicant(
    full_name="NGUYỄN THỊ MINH NGỌC",
    id_number="100190000001",
    birth_date="1990-07-30",
    phone=None,
    email=None,
    address=None,
    other_document=None,
)


def make_registration(
    *, applicant: Applicant = APPLICANT, note: str | None = None, **changes: Any
) -> CaseRegistration:
    content = CaseContent(
        applicant=applicant,
        organization_name=None,
        note=note,
        related_url=None,
        documents=(Document("Tờ khai", 1, DocumentForm.ORIGINAL),),
    )
    wanted = CaseRegistration(procedure_code="1.004194", channel=Channel.IN_PERSON, content=content)
    return replace(wanted, **changes)


class Desk:
    """The service with what a test needs around it."""

    def __init__(self, database: Database, sealer: Sealer, clock: Callable[[], datetime]) -> None:
        self.database = database
        self.clock = clock
        self.audit = AuditLog(database, sealer, clock, queue_limit=100, timeout_seconds=10)
        self.cases = Cases(
            database=database,
            directory=Directory(database, sealer, clock),
            writer=CaseWriter(database=database, audit=self.audit, sealer=sealer, clock=clock),
            rows=CaseRows(sealer, lambda: CALENDAR),
            words=CaseWords(sealer),
            clock=clock,
        )

    async def register(self, caller: Caller = RECEIVER, **changes: Any) -> Case:
        case = await self.cases.register(caller, make_registration(**changes))
        assert isinstance(case, Case)
        return case

    async def page(self, caller: Caller = RECEIVER, *, limit: int = 200, **filters: Any) -> CasePage:
        return await self.cases.list_cases(caller, CaseFilters(**filters), after=None, limit=limit)

    async def numbers(self, caller: Caller = RECEIVER, **filters: Any) -> list[str]:
        return [case.receipt_number for case in (await self.page(caller, **filters)).items]

    async def change_status(self, receipt_number: str, status: str) -> None:
        async with self.database.write() as session:
            row = await session.get_one(tables.CaseFile, receipt_number)
            row.status = status

    async def look_up(
        self,
        caller: Caller = RECEIVER,
        *,
        result: str = "exists",
        procedure_code: str = "1.004194",
        receipt_number: str | None = None,
    ) -> UUID:
        """Put a lookup on record as the lookups' service does."""
        intent = replace(
            AuditEvent.of_caller(caller, kind=AuditKind.INTENT, at=self.clock()),
            lookup_id=uuid4(),
            lookup_kind=LookupKind.ID_CARD,
            procedure_code=procedure_code,
            receipt_number=receipt_number,
        )
        await self.audit.append(intent)
        outcome = replace(intent, kind=AuditKind.OUTCOME, event_id=uuid4(), result=result)
        await self.audit.append(outcome)
        assert intent.lookup_id is not None
        return intent.lookup_id


async def seed(database: Database) -> None:
    async with database.write() as session:
        for code, parent in AGENCIES.items():
            session.add(tables.Agency(code=code, name=f"Cơ quan {code}", parent_code=parent))
            await session.flush()
        for code, is_active in (("1.004194", True), ("1.004222", True), ("1.009999", False)):
            session.add(
                tables.Procedure(
                    code=code,
                    name="Đăng ký tạm trú",
                    level="full_online",
                    processing_days=3,
                    national_code=code,
                    is_active=is_active,
                    lookups=["id-card"],
                    share_fields=[],
                )
            )


@asynccontextmanager
async def open_desk(database: Database, sealer: Sealer, clock: Callable[[], datetime]) -> AsyncIterator[Desk]:
    desk = Desk(database, sealer, clock)
    desk.audit.start()
    yield desk
    await desk.audit.stop()


@pytest.fixture
def clock() -> SteppedClock:
    return SteppedClock()


@pytest.fixture
async def desk(database: Database, sealer: Sealer, clock: SteppedClock) -> AsyncIterator[Desk]:
    await seed(database)
    async with open_desk(database, sealer, clock) as desk:
        yield desk


@pytest.fixture
async def second_desk(
    desk: Desk,  # noqa: ARG001 - whose database this is
    database_url: str,
    sealer: Sealer,
    clock: SteppedClock,
) -> AsyncIterator[Desk]:
    """Give another process's view: a service of its own with connections of its own, on the same database."""
    database = Database(database_url)
    async with open_desk(database, sealer, clock) as second:
        yield second
    await database.close()


async def set_counter(desk: Desk, agency_code: str, day: date, last_number: int) -> None:
    async with desk.database.write() as session:
        session.add(tables.ReceiptCounter(agency_code=agency_code, day=day, last_number=last_number))
