"""Measure lists, searches and reports over a million cases in PostgreSQL.

    python -m benchmarks.many_cases --cases 1000000

Fills a database of its own with invented cases of 150 agencies over two years, sealed and marked as the
service does it, starts the service on it, and asks page after page over HTTP, one request at a time. Takes
about ten minutes and 4 GB.
"""

import argparse
import asyncio
import random
import time
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import aiohttp
import psycopg
from psycopg import sql

from app.db.engine import Database
from app.db.migrate import migrate
from app.db.tables import Base, CaseFile, CaseWord
from app.domain.caller import Caller
from app.domain.case import Applicant, CaseContent, CaseRegistration, Document
from app.domain.case_status import CaseStatus, Channel, DocumentForm, ProcedureLevel
from app.domain.directory import Agency, Procedure
from app.domain.holidays_vn import YEARS, vietnamese_calendar
from app.domain.receipt_number import format_receipt_number
from app.domain.working_time import DEFAULT_PERIODS, MONDAY_TO_FRIDAY
from app.keys.key_file import Keys
from app.keys.sealing import Sealer
from app.sandbox.load import load_sandbox
from app.services.case_rows import CaseRows
from app.services.case_words import CaseWords
from benchmarks.served import running_service
from benchmarks.telling import told
from tests.databases import PostgresCopies, make_postgres_folder, running_postgres

AGENCIES: Final = 150
OWN_SHARE: Final = 0.05
"""How many of all cases are of the agency whose officer asks."""
NOW: Final = datetime.now(UTC)
DAYS: Final = 730
FIRST_PAGES: Final = 100
FAR_PAGES: Final = (951, 1_000)
BAR_MS: Final = 20.0

SURNAMES: Final = [
    "NGUYỄN",
    "TRẦN",
    "LÊ",
    "PHẠM",
    "HOÀNG",
    "HUỲNH",
    "PHAN",
    "VŨ",
    "VÕ",
    "ĐẶNG",
    "BÙI",
    "ĐỖ",
    "HỒ",
    "NGÔ",
    "DƯƠNG",
    "LÝ",
    "ĐOÀN",
    "LƯƠNG",
    "MAI",
    "Y",
]
SURNAME_WEIGHTS: Final = (38, 11, 9.5, 7, 5, 5, 4.5, 4, 3, 2, 2, 1.4, 1.3, 1.3, 1, 0.5, 0.5, 0.4, 0.4, 0.1)
MIDDLE_NAMES: Final = [
    "VĂN",
    "THỊ",
    "MINH",
    "NGỌC",
    "THANH",
    "HỮU",
    "ĐỨC",
    "QUANG",
    "XUÂN",
    "THU",
    "HOÀI",
    "KIM",
]
GIVEN_NAMES: Final = [
    "ANH",
    "BÌNH",
    "CHI",
    "DŨNG",
    "GIANG",
    "HÀ",
    "HẢI",
    "HẠNH",
    "HIỀN",
    "HOA",
    "HOÀNG",
    "HÙNG",
    "HƯƠNG",
    "KHÁNH",
    "LAN",
    "LINH",
    "LONG",
    "LY",
    "MAI",
    "MINH",
    "NAM",
    "NGA",
    "NGỌC",
    "NHUNG",
    "OANH",
    "PHONG",
    "PHÚC",
    "PHƯƠNG",
    "QUÂN",
    "QUỲNH",
    "SƠN",
    "TÂM",
    "THẢO",
    "THẮNG",
    "THU",
    "THÙY",
    "TRANG",
    "TRUNG",
    "TUẤN",
    "TÚ",
    "UYÊN",
    "VÂN",
    "VIỆT",
    "VINH",
    "YẾN",
]
STATUSES: Final = ("returned", "completed", "in_progress", "received", "supplement_requested", "rejected")
STATUS_WEIGHTS: Final = (85, 5, 5, 2, 2, 1)


@dataclass(frozen=True, slots=True)
class Question:
    """One way to ask for pages, as whom."""

    name: str
    account: str
    method: str
    path: str
    body: dict[str, Any]
    has_far_pages: bool = True


QUESTIONS: Final = (
    Question("list, all agencies", "manager0", "GET", "/cases", {}),
    Question("list, own agency", "receiver", "GET", "/cases", {}),
    Question("list, all agencies, returned", "manager0", "GET", "/cases", {"status": "returned"}),
    Question("list, all agencies, overdue", "manager0", "GET", "/cases", {"overdue": "true"}),
    Question("list, own agency, rejected", "receiver", "GET", "/cases", {"status": "rejected"}),
    Question("search nguyen, all agencies", "manager0", "POST", "/cases/search", {"full_name": "nguyen"}),
    Question("search nguyen, own agency", "receiver", "POST", "/cases/search", {"full_name": "nguyen"}),
    Question("search tran thi uy, all", "manager0", "POST", "/cases/search", {"full_name": "tran thi uy"}),
    Question("search tran thi uy, own", "receiver", "POST", "/cases/search", {"full_name": "tran thi uy"}),
    Question("search minh ng, all", "manager0", "POST", "/cases/search", {"full_name": "minh ng"}),
    Question("search y l, own", "receiver", "POST", "/cases/search", {"full_name": "y l"}),
    Question(
        "search born 1990-07-30, all", "manager0", "POST", "/cases/search", {"birth_date": "1990-07-30"}
    ),
    Question(
        "search nguyen born 1990, own",
        "receiver",
        "POST",
        "/cases/search",
        {"full_name": "nguyen", "birth_date": "1990"},
    ),
    Question("search by number, all", "manager0", "POST", "/cases/search", {"id_number": "100000000001"}),
    *(
        Question(f"report by {group}, all", "manager0", "GET", "/reports/cases", {"group_by": group}, False)  # noqa: FBT003
        for group in ("status", "procedure", "agency", "day", "officer")
    ),
    Question(
        "report by status, all, a month",
        "manager0",
        "GET",
        "/reports/cases",
        {"group_by": "status", "from": (NOW - timedelta(days=30)).date().isoformat()},
        False,  # noqa: FBT003
    ),
)


class Inventor:
    """Invents cases, the same ones each time."""

    def __init__(self, sealer: Sealer) -> None:
        calendar = vietnamese_calendar(YEARS, periods=DEFAULT_PERIODS, weekdays=MONDAY_TO_FRIDAY)
        self._rows = CaseRows(sealer, lambda: calendar)
        self._words = CaseWords(sealer)
        self._dice = random.Random(7)  # noqa: S311 - no secret
        self.agencies = [
            Agency(f"H24.{number}", f"Phường {number}", "H24") for number in range(100, 100 + AGENCIES)
        ]
        self._own = Agency("H24.15", "Ủy ban nhân dân phường Thử Nghiệm", "H24")
        self._procedure = Procedure(
            code="1.004194",
            name="Đăng ký tạm trú",
            level=ProcedureLevel.FULL_ONLINE,
            processing_days=3,
            national_code="1.004194",
            is_active=True,
            lookups=frozenset(),
            share_fields=(),
        )

    def cases(self, count: int) -> Iterator[tuple[CaseFile, frozenset[int]]]:
        """Give cases with their marks, the oldest first."""
        counters: dict[tuple[str, Any], int] = {}
        for number in range(count):
            at = NOW - timedelta(days=DAYS) * (count - number) / count
            agency = self._own if self._dice.random() < OWN_SHARE else self._dice.choice(self.agencies)
            day = at.date()
            counters[agency.code, day] = counter = counters.get((agency.code, day), 0) + 1
            wanted = self._registration(number)
            row = self._rows.new_row(
                _caller(agency),
                wanted,
                format_receipt_number(agency.code, day, counter),
                agency=agency,
                procedure=self._procedure,
                now=at,
            )
            self._age(row, at)
            yield row, self._words.marks(wanted.content)

    def _registration(self, number: int) -> CaseRegistration:
        dice = self._dice
        name = (
            *dice.choices(SURNAMES, SURNAME_WEIGHTS),
            *dice.choices(MIDDLE_NAMES, k=dice.choice((1, 1, 2))),
            dice.choice(GIVEN_NAMES),
        )
        born = datetime(1950, 1, 1, tzinfo=UTC) + timedelta(days=dice.randrange(20_000))
        applicant = Applicant(
            full_name=" ".join(name),
            id_number=f"1{number % 900_000:011d}",
            birth_date=born.date().isoformat(),
            phone="0912 345 678",
            email=None,
            address="Số 1, phường Thử Nghiệm",
            other_document=None,
        )
        documents = (Document("Tờ khai thay đổi thông tin cư trú", 1, DocumentForm.ORIGINAL),)
        content = CaseContent(applicant, None, None, None, documents)
        return CaseRegistration(procedure_code="1.004194", channel=Channel.IN_PERSON, content=content)

    def _age(self, row: CaseFile, at: datetime) -> None:
        (status,) = self._dice.choices(STATUSES, STATUS_WEIGHTS)
        row.status = CaseStatus(status).value
        if status in {"returned", "completed"}:
            row.ended_at = at + timedelta(days=self._dice.choice((1, 2, 3, 6)))
        if status == "returned":
            row.returned_at = row.ended_at


def _caller(agency: Agency) -> Caller:
    return Caller(
        username=f"officer-{agency.code}",
        client_id=None,
        agency_code=agency.code,
        roles=frozenset(),
        scopes=frozenset(),
        reach=frozenset({agency.code}),
        source_address="127.0.0.1",
    )


def fill(url: str, inventor: Inventor, count: int) -> None:
    """Copy the invented cases and their marks into the database."""
    with psycopg.connect(url, autocommit=True) as marking, psycopg.connect(url) as filing:
        for agency in inventor.agencies:
            filing.execute(
                "INSERT INTO agency (code, name, parent_code) VALUES (%s, %s, %s)",
                (agency.code, agency.name, agency.parent_code),
            )
        files = [column.key for column in Base.metadata.tables[CaseFile.__tablename__].c]
        words = [column.key for column in Base.metadata.tables[CaseWord.__tablename__].c]
        with (
            filing.cursor().copy(_copy(CaseFile.__tablename__, files)) as file_rows,
            marking.cursor().copy(_copy(CaseWord.__tablename__, words)) as word_rows,
        ):
            for row, marks in inventor.cases(count):
                file_rows.write_row([getattr(row, name) for name in files])
                for mark in marks:
                    word_rows.write_row((mark, row.received_at))
        filing.commit()
        marking.execute("VACUUM ANALYZE")


def _copy(table: str, columns: Sequence[str]) -> sql.Composed:
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    return sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table), names)


class Asker:
    """Asks the service over HTTP, one request at a time."""

    def __init__(self, session: aiohttp.ClientSession, address: str) -> None:
        self._session = session
        self._address = address
        self._tokens: dict[str, str] = {}

    async def page(self, question: Question, cursor: str | None) -> tuple[float, Any]:
        """Ask for one page; give the milliseconds that it took, and the answer."""
        if question.account not in self._tokens:
            form = {"grant_type": "password", "username": question.account, "password": "sandbox"}
            async with self._session.post(f"{self._address}/auth/token", data=form) as answer:
                self._tokens[question.account] = (await answer.json())["access_token"]
        headers = {"Authorization": f"Bearer {self._tokens[question.account]}"}
        asked = question.body | ({} if cursor is None else {"cursor": cursor})
        sent: dict[str, Any] = {"params": asked} if question.method == "GET" else {"json": asked}
        began = time.perf_counter()
        async with self._session.request(
            question.method, self._address + question.path, headers=headers, **sent
        ) as answer:
            body = await answer.json()
        took = (time.perf_counter() - began) * 1000
        if answer.status == HTTPStatus.UNAUTHORIZED:
            del self._tokens[question.account]
            return await self.page(question, cursor)
        if answer.status != HTTPStatus.OK:
            raise RuntimeError(f"{question.name}: {answer.status}")
        return took, body

    async def measure(self, question: Question) -> str:
        """Write a line of the table: the first page again and again, then pages far on."""
        times = [(await self.page(question, None))[0] for _ in range(FIRST_PAGES)]
        if not question.has_far_pages:
            return f"| {question.name} | {_percentiles(times)} | – |"
        first = _against_the_bar(times)
        far: list[float] = []
        cursor, number = None, 0
        while number < FAR_PAGES[1]:
            took, body = await self.page(question, cursor)
            number, cursor = number + 1, body["next_cursor"]
            if number >= FAR_PAGES[0]:
                far.append(took)
            if cursor is None:
                break
        told = _against_the_bar(far) if far else f"only {number} pages"
        return f"| {question.name} | {first} | {told} |"


def _percentiles(times: list[float]) -> str:
    return ", ".join(f"{_percentile(times, percent):.1f}" for percent in (50, 95))


def _against_the_bar(times: list[float]) -> str:
    return _percentiles(times) + ("" if _percentile(times, 95) <= BAR_MS else " (over)")


def _percentile(times: list[float], percent: int) -> float:
    return sorted(times)[min(len(times) * percent // 100, len(times) - 1)]


async def measure_all(address: str) -> None:
    """Ask everything and print the table."""
    async with AsyncExitStack() as stack:
        session = await stack.enter_async_context(aiohttp.ClientSession())
        asker = Asker(session, address)
        told(f"| question | first page: p50, p95 in ms | pages {FAR_PAGES[0]} to {FAR_PAGES[1]} |")
        told("|---|---|---|")
        for question in QUESTIONS:
            told(await asker.measure(question))


async def prepare(url: str, sealer: Sealer) -> None:
    """Put the sandbox's accounts into the database."""
    database = Database(url)
    await load_sandbox(database, sealer)
    await database.close()


def main() -> None:
    """Fill, ask, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--cases", type=int, default=1_000_000)
    count: int = parser.parse_args().cases
    make_postgres_folder()
    with running_postgres() as server_url, TemporaryDirectory(prefix="motcua-benchmark-") as folder:
        postgres = PostgresCopies(server_url)
        url = postgres.url_of(postgres.create())
        key_file = Path(folder) / "keys.json"
        Keys.generate().write(key_file)
        sealer = Sealer(Keys.read(key_file))
        migrate(url)
        asyncio.run(prepare(url, sealer))
        began = time.perf_counter()
        fill(url, Inventor(sealer), count)
        told(f"{count} cases made in {time.perf_counter() - began:.0f} s")
        with running_service(database_url=url, key_file=key_file) as server:
            asyncio.run(measure_all(server.address))


if __name__ == "__main__":
    main()
