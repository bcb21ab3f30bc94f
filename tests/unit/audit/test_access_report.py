"""The access report over a mixed day: exactly the looks that concerned the person, whoever made them."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from random import Random

import pytest

from app.db.engine import Database
from app.domain.access_report import AccessEntry, AccessStatus
from app.domain.audit_event import AuditEvent, AuditKind, Subject
from app.domain.identity_number import IdentityNumber
from app.domain.lookup_kind import LookupKind
from app.keys.sealing import Sealer
from app.services.access_reports import AccessReports
from app.services.audit_log import AuditLog
from tests.conftest import NOON
from tests.unit.audit.events import content_of, make_intent, make_outcome, rows_of, running_log
from tests.unit.audit.test_audit_reader import make_auditor

pytestmark = pytest.mark.anyio

PERSON = "100190000001"
OLD_NUMBER = "000000101"
OTHERS = [f"1001900{number:05d}" for number in range(100, 400)]


@pytest.fixture
async def log(database: Database, sealer: Sealer) -> AsyncIterator[AuditLog]:
    async with running_log(database, sealer, queue_limit=50_000) as log:
        yield log


@pytest.fixture
def reports(database: Database, log: AuditLog, sealer: Sealer) -> AccessReports:
    return AccessReports(database=database, audit=log, sealer=sealer, clock=lambda: NOON)


async def entries_about(reports: AccessReports, number: str, *reach: str) -> list[AccessEntry]:
    """Read all pages of a report."""
    found: list[AccessEntry] = []
    before = None
    while True:
        page = await reports.report(
            make_auditor(*reach), IdentityNumber(number), since=None, until=None, before=before, limit=200
        )
        found += page.entries
        if page.next_before is None:
            return found
        before = page.next_before


@dataclass
class Day:
    """Lookups as they might come on a day, and an account of our own of whom each concerned."""

    chance: Random
    expected: dict[str, set[str]] = field(default_factory=dict)

    def lookup(self) -> list[AuditEvent]:
        people = [self.chance.choice([PERSON, *OTHERS]) for _ in range(self.chance.choice([1, 1, 1, 4]))]
        subjects = self._subjects(list(dict.fromkeys(people)))
        officer, agency = self.chance.choice(
            [("receiver", "H24.15"), ("receiver2", "H24.16"), ("x", "H24.99")]
        )
        kind = LookupKind.HOUSEHOLD_HEAD if len(subjects) > 1 else LookupKind.ID_CARD
        intent = make_intent(officer=officer, agency=agency, lookup_kind=kind, subjects=subjects)
        records = self._records(intent)
        if agency != "H24.99":
            for subject in {subject for record in records for subject in record.subjects}:
                self.expected.setdefault(subject.number, set()).add(str(intent.lookup_id))
        return records

    def _subjects(self, people: list[str]) -> tuple[Subject, ...]:
        if len(people) == 1:
            return (Subject("claimed", people[0]),)
        return (Subject("head", people[0]), *(Subject("member", number) for number in people[1:]))

    def _records(self, intent: AuditEvent) -> list[AuditEvent]:
        match self.chance.randrange(10):
            case 0:
                return [replace(intent, kind=AuditKind.DENIED, result="lookup-not-permitted")]
            case 1:
                return [intent]
            case 2:
                return [
                    intent,
                    make_outcome(intent, kind=AuditKind.ABANDONED, subjects=(), result="abandoned"),
                ]
            case _:
                return [intent, make_outcome(intent, subjects=self._answered(intent.subjects))]

    def _answered(self, subjects: tuple[Subject, ...]) -> tuple[Subject, ...]:
        """Add the old number that the register's answer carries for the person."""
        if subjects[0].number != PERSON:
            return subjects
        return (subjects[0], Subject(subjects[0].role, OLD_NUMBER), *subjects[1:])


async def _append(log: AuditLog, records: list[AuditEvent]) -> None:
    for record in records:
        await log.append(record)


async def test_a_mixed_day_of_10_000_lookups(log: AuditLog, reports: AccessReports) -> None:
    day = Day(Random(4))  # noqa: S311 - the same day every time
    lookups = [day.lookup() for _ in range(10_000)]
    await asyncio.gather(*(_append(log, records) for records in lookups))
    for number in (PERSON, OLD_NUMBER, OTHERS[0], OTHERS[-1]):
        entries = await entries_about(reports, number)
        found = [entry.lookup_id for entry in entries if entry.status is not AccessStatus.REPORTED]
        assert len(found) == len(set(found))
        assert set(found) == day.expected[number]
    assert await entries_about(reports, "100190099999") == []


async def test_the_records_of_a_lookup_are_one_entry(log: AuditLog, reports: AccessReports) -> None:
    subjects = (Subject("head", PERSON), Subject("member", OTHERS[0]), Subject("member", PERSON))
    intent = make_intent(
        subjects=subjects, lookup_kind=LookupKind.HOUSEHOLD_HEAD, receipt_number="H24.15-261123-0001"
    )
    await log.append(intent)
    (entry,) = await entries_about(reports, PERSON)
    assert (entry.status, entry.result) == (AccessStatus.OPEN, None)
    later = NOON + timedelta(seconds=1)
    await log.append(make_outcome(intent, at=later, result="confirmed", fields_given=("a",)))
    entry, reported = await entries_about(reports, PERSON)
    assert reported.status is AccessStatus.REPORTED
    assert (entry.status, entry.result, entry.at) == (AccessStatus.ANSWERED, "confirmed", NOON)
    assert (entry.roles, entry.fields_given) == (("head", "member"), ("a",))
    assert (entry.officer, entry.receipt_number) == ("receiver", "H24.15-261123-0001")
    assert entry.sequences == (0, 2)
    assert (await entries_about(reports, OTHERS[0]))[0].roles == ("member",)


async def test_a_look_by_an_agency_out_of_reach_is_not_told(log: AuditLog, reports: AccessReports) -> None:
    await log.append(make_intent(agency="H24.16"))
    assert await entries_about(reports, PERSON, "H24.15") == []
    assert len(await entries_about(reports, PERSON, "H24.16")) == 1


async def test_a_span_holds_what_is_on_record_in_it(log: AuditLog, reports: AccessReports) -> None:
    for minutes in (0, 10, 20):
        await log.append(make_intent(at=NOON + timedelta(minutes=minutes)))
    page = await reports.report(
        make_auditor(),
        IdentityNumber(PERSON),
        since=NOON + timedelta(minutes=10),
        until=NOON + timedelta(minutes=20),
        before=None,
        limit=50,
    )
    assert [entry.at for entry in page.entries] == [NOON + timedelta(minutes=10)]


async def test_reading_is_on_record_under_the_person_without_the_number(
    database: Database, reports: AccessReports
) -> None:
    await entries_about(reports, PERSON)
    (row,) = await rows_of(database)
    content = content_of(row)
    assert (content["kind"], content["officer"], content["result"]) == ("ACCESS", "auditor", "read")
    assert content["details"] == {"entries": 0, "report": "access"}
    assert [subject["role"] for subject in content["subjects"]] == ["reported"]
    assert PERSON.encode() not in (row.record or b"")
