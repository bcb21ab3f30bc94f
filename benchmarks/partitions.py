"""Measure what partitions by month do to the service's statements, on a scratch PostgreSQL.

    python -m benchmarks.partitions --records 1200000 --cases 600000 --months 24

Begins a month in a log of the service's own tables, and says how long others had to wait. Then fills the
audit log and the cases of three schemas with the same invented rows: in one piece, in partitions by time, and
by sequence. Runs the statements that the service runs most, in turns on all, and prints medians and their
ratio to one piece: prepared, and planned each time, as behind PgBouncer. Takes ten minutes and 10 GB.
"""

import argparse
import statistics
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import psycopg

from app.db.migrate import migrate
from benchmarks.partition_layouts import (
    AGENCY,
    AT,
    END,
    LAYOUTS,
    LOOKUP,
    RECORDS,
    WHOLE,
    Size,
    fill,
    make_layouts,
    moment,
)
from benchmarks.telling import told
from tests.databases import PostgresCopies, begin_partition, make_postgres_folder, running_postgres

ROUNDS: Final = 60
WARMING: Final = 10
BATCH: Final = 32
AGENCIES: Final = tuple(f"H24.{100 + number}" for number in range(150))
STRIDE: Final = 7_919_017
"""A prime, by which rows are chosen here and there."""

APPEND: Final = """
INSERT INTO audit_record (sequence, event_id, leaf_hash, record, kind, at, lookup_id, lookup_kind, officer,
                          agency, procedure_code, result, closes)
SELECT n, ('01900000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid,
       decode(repeat(md5(n::text), 2), 'hex'), decode(repeat(md5(n::text), 37), 'hex'),
       'INTENT', %(at)s, lookup, 'id-card', 'officer7', 'H24.107', '1.004194', 'exists',
       CASE WHEN n %% 2 = 1 THEN lookup END
FROM (SELECT %(n)s::bigint AS n,
             ('01800000-0000-7000-8000-' || lpad(to_hex(%(n)s::bigint / 2), 12, '0'))::uuid AS lookup)
     AS given
"""
RECORD: Final = "SELECT sequence, record, leaf_hash FROM audit_record WHERE "
NEWEST: Final = " ORDER BY sequence DESC LIMIT 51"
BETWEEN: Final = "sequence >= %s AND sequence < %s ORDER BY sequence"
CASE: Final = "SELECT * FROM case_file WHERE "
LISTED: Final = " ORDER BY received_at DESC, receipt_number DESC LIMIT 51"
MARKED: Final = "EXISTS (SELECT FROM case_word w WHERE w.mark = {} AND w.received_at = case_file.received_at)"
BOTH: Final = (WHOLE, AT)

Work = Callable[[psycopg.Connection], object]


@dataclass(frozen=True, slots=True)
class Question:
    """A statement, what it is asked with in a round, and the layouts in which it differs."""

    name: str
    text: str
    given: Callable[[int], tuple[Any, ...]]
    layouts: tuple[str, ...] = LAYOUTS


def questions_to_the_log(records: int) -> Iterator[Question]:
    """Give the statements that the service sends to the log."""

    def some(turn: int, most: int = records) -> int:
        return turn * STRIDE % most

    def fresh(turn: int) -> list[str]:
        begin = records * 10 + turn * BATCH
        return [f"01800000-0000-7000-8000-{number:012x}" for number in range(begin, begin + BATCH // 2)]

    closed = "SELECT closes FROM audit_record WHERE closes = ANY(%s::uuid[])"
    yield Question("are 16 lookups closed", closed, lambda turn: (fresh(turn),))
    yield Question(
        "the same, after their INTENTs",
        f"{closed} AND sequence > %s",
        lambda turn: (fresh(turn), records - 1000),
    )
    yield Question("record by sequence", f"{RECORD}sequence = %s", lambda turn: (some(turn),))
    for name, count in (("256 records in a row", 256), ("5,000 records, to verify", 5_000)):

        def given(turn: int, count: int = count) -> tuple[Any, ...]:
            since = some(turn, records - count)
            return (since, since + count)

        yield Question(name, RECORD + BETWEEN, given)
    yield Question("newest of one agency", f"{RECORD}agency = %s{NEWEST}", lambda turn: (AGENCIES[turn],))
    reach = f"{RECORD}coalesce(agency, '') = ANY(%s){NEWEST}"
    yield Question("newest of all agencies", reach, lambda _: (list(AGENCIES),))
    yield Question("newest of two young agencies", reach, lambda _: (["NEW.0", "NEW.1"],))
    yield Question(
        "newest of an officer", f"{RECORD}officer = %s{NEWEST}", lambda turn: (f"officer{turn * 31}",)
    )
    yield Question(
        "who looked at a person",
        "SELECT r.sequence, r.at, r.officer FROM audit_subject s JOIN audit_record r USING (sequence)"
        " WHERE s.ref = sha256(%s::text::bytea) ORDER BY s.sequence DESC LIMIT 101",
        lambda turn: (str(turn * 101),),
    )
    yield Question(
        "lookups of a case",
        "SELECT lookup_id, result FROM audit_record WHERE receipt_number = ANY(%s) AND kind = 'OUTCOME'",
        lambda turn: ([f"H24.15-{turn * 1001 % (records // 8)}"],),
    )


def questions_about_cases(cases: int) -> Iterator[Question]:
    """Give the statements about cases; those of tables that have no sequence are in two layouts only."""

    def number(turn: int) -> tuple[Any, ...]:
        return (f"H24.15-{turn * STRIDE % cases}",)

    by_number, of_agencies = f"{CASE}receipt_number = %s", f"{CASE}agency_code = ANY(%s)"
    yield Question("case by number", by_number, number, BOTH)
    yield Question("case by number, to change", f"{by_number} FOR UPDATE", number, BOTH)
    yield Question("cases of all agencies", of_agencies + LISTED, lambda _: (list(AGENCIES),), BOTH)
    yield Question("cases of one agency", of_agencies + LISTED, lambda turn: ([AGENCIES[turn]],), BOTH)
    yield Question(
        "cases of one agency, far on",
        f"{of_agencies} AND (received_at, receipt_number) < (%s, 'H'){LISTED}",
        lambda turn: ([AGENCIES[turn]], END.replace(year=END.year - 1)),
        BOTH,
    )
    yield Question(
        "cases of an applicant",
        f"{CASE}applicant_ref = sha256(%s::text::bytea){LISTED}",
        lambda turn: (str(turn * 977),),
        BOTH,
    )
    for name, marks in (("common words", (1, 105)), ("a rare word", (1, 1500)), ("one word", (1_000_777,))):
        text = " AND ".join(map(MARKED.format, marks))
        yield Question(f"cases by {name}", CASE + text + LISTED, lambda _: (), BOTH)
    yield Question(
        "change a case",
        "UPDATE case_file SET version = version + 1 WHERE receipt_number = %s RETURNING version",
        number,
        BOTH,
    )
    yield Question(
        "history of a case", "SELECT * FROM case_change WHERE receipt_number = %s ORDER BY sequence", number
    )
    yield Question(
        "a page of the feed",
        "SELECT * FROM case_change WHERE sequence > %s AND agency_code = ANY(%s) ORDER BY sequence LIMIT 101",
        lambda turn: (turn * STRIDE % cases, list(AGENCIES)),
    )


def measure(url: str, size: Size, *, prepared: bool) -> None:
    """Print the table of one way to send statements."""
    way = "prepared" if prepared else "planned each time"
    told(
        f"\n| {way}, {size.months} partitions: median ms (ratio) | {' | '.join(LAYOUTS)} |\n|---|---|---|---|"
    )
    threshold = 3 if prepared else None
    connections = {
        layout: psycopg.connect(url, autocommit=True, prepare_threshold=threshold) for layout in LAYOUTS
    }

    def asked(question: Question, turn: int) -> Work:
        return lambda connection: connection.execute(question.text.encode(), question.given(turn)).fetchall()

    for question in (*questions_to_the_log(size.records), *questions_about_cases(size.cases)):
        works = [asked(question, turn) for turn in range(ROUNDS)]
        compare(connections, question.name, question.layouts, works)
    since = size.records + (0 if prepared else ROUNDS * BATCH)
    batches = [range(since + turn * BATCH, since + (turn + 1) * BATCH) for turn in range(ROUNDS)]

    def appended(numbers: range) -> Work:
        rows = [{"n": number, "at": END} for number in numbers]
        return lambda connection: connection.cursor().executemany(APPEND, rows)

    compare(connections, f"append {BATCH} records", LAYOUTS, [appended(numbers) for numbers in batches])
    for connection in connections.values():
        connection.close()


def compare(
    connections: dict[str, psycopg.Connection], name: str, layouts: tuple[str, ...], works: Sequence[Work]
) -> None:
    """Do the same on each layout in turns, and print a line."""
    taken: dict[str, list[float]] = {layout: [] for layout in layouts}
    for work in works:
        for layout in layouts:
            taken[layout].append(_milliseconds(connections[layout], layout, work))
    middle = {layout: statistics.median(times[WARMING:]) for layout, times in taken.items()}
    cells = (
        f"{middle[layout]:.2f} ({middle[layout] / middle[WHOLE]:.1f})" if layout in middle else "–"
        for layout in LAYOUTS
    )
    told(f"| {name} | {' | '.join(cells)} |")


def _milliseconds(connection: psycopg.Connection, layout: str, work: Work) -> float:
    """Time work in a transaction of its own, without its commit."""
    with connection.transaction():
        connection.execute(f"SET LOCAL search_path = {layout}, public".encode())
        began = time.perf_counter()
        work(connection)
        return 1000 * (time.perf_counter() - began)


def begin_a_month(url: str, records: int) -> None:
    """Fill the service's own log, begin a month in it, and print how long a reader had to wait."""
    at, agency = moment(records, 1), AGENCY.format(count=records)
    text = RECORDS.format(schema="public", count=records, moment=at, agency=agency, lookup=LOOKUP)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(text.encode())
        connection.execute("VACUUM ANALYZE audit_record")
        done, longest = threading.Event(), 0.0

        def read() -> None:
            nonlocal longest
            while not done.is_set():
                began = time.perf_counter()
                connection.execute("SELECT kind FROM audit_record WHERE sequence = 7")
                longest = max(longest, time.perf_counter() - began)

        reader = threading.Thread(target=read)
        reader.start()
        began = time.perf_counter()
        begin_partition(url)
        took = time.perf_counter() - began
        done.set()
        reader.join()
    told(f"a month begun after {records} records in {took:.1f} s; a reader waited {longest:.2f} s at most")


def main() -> None:
    """Build, ask, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--records", type=int, default=1_200_000)
    parser.add_argument("--cases", type=int, default=600_000)
    parser.add_argument("--months", type=int, default=24)
    size = Size(**vars(parser.parse_args()))
    make_postgres_folder()
    with running_postgres() as server_url:
        postgres = PostgresCopies(server_url)
        name = postgres.create()
        url = postgres.url_of(name)
        migrate(url)
        begin_a_month(url, size.records)
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("SET synchronous_commit = off")
            make_layouts(connection, size)
            for layout in LAYOUTS:
                fill(connection, layout, size)
            connection.execute("VACUUM ANALYZE")
        for prepared in (True, False):
            measure(url, size, prepared=prepared)
        postgres.drop(name)


if __name__ == "__main__":
    main()
