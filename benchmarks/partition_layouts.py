"""The tables of the log and of cases, in one piece and by month, each with the same invented rows."""

from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from typing import Final

import psycopg

END: Final = datetime(2026, 11, 1, tzinfo=UTC)
WHOLE, AT, SEQUENCE = "whole", "by_at", "by_sequence"
LAYOUTS: Final = (WHOLE, AT, SEQUENCE)
TABLES: Final = ("audit_record", "audit_subject", "case_file", "case_change", "case_word", "case_lookup")

# How a table is divided, and the keys that PostgreSQL can then hold for the whole of it.
DIVIDED: Final = {
    AT: {
        "audit_record": ("at", "PRIMARY KEY (sequence, at), UNIQUE (event_id, at)"),
        "case_file": ("received_at", "PRIMARY KEY (receipt_number, received_at)"),
        "case_change": ("at", "PRIMARY KEY (sequence, at), UNIQUE (receipt_number, version, at)"),
        "case_word": ("received_at", "PRIMARY KEY (mark, received_at)"),
    },
    # Only what has a number that grows with time can be divided by it.
    SEQUENCE: {
        "audit_record": ("sequence", "PRIMARY KEY (sequence)"),
        "case_change": ("sequence", "PRIMARY KEY (sequence)"),
    },
}
# Keys of a table in one piece, or of each partition.
OWN_KEYS: Final = {
    WHOLE: {"audit_record": "ADD UNIQUE (event_id), ADD UNIQUE (closes)"},
    SEQUENCE: {
        "audit_record": "ADD UNIQUE (event_id), ADD UNIQUE (closes)",
        "case_change": "ADD UNIQUE (receipt_number, version)",
    },
}
INDEXES: Final = {
    "audit_record": (
        "(lookup_id)",
        "(officer, sequence)",
        "(agency, sequence)",
        "(receipt_number, sequence)",
        "(at)",
    ),
    "case_file": (
        "(agency_code, received_at, receipt_number)",
        "(received_at, receipt_number)",
        "(applicant_ref)",
        "(receipt_number) WHERE NOT has_words",
    ),
    "case_change": ("(agency_code, sequence)",),
    "case_word": (),
}

RECORDS: Final = """
INSERT INTO {schema}.audit_record (sequence, event_id, leaf_hash, record, kind, at, lookup_id, lookup_kind,
                                   officer, agency, procedure_code, receipt_number, result, closes)
SELECT n, ('01900000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid,
       decode(md5(n::text) || md5((-n)::text), 'hex'), decode(repeat(md5(n::text), 37), 'hex'),
       CASE n % 2 WHEN 0 THEN 'INTENT' ELSE 'OUTCOME' END, {moment}, {lookup}, 'id-card',
       'officer' || (n / 2 * 7919 % 2000), {agency}, '1.004194',
       CASE WHEN n % 8 < 2 THEN 'H24.15-' || (n / 8) END,
       CASE n % 2 WHEN 1 THEN 'exists' END, CASE n % 2 WHEN 1 THEN {lookup} END
FROM generate_series(0::bigint, {count} - 1) AS n
"""
# Two agencies, founded lately, are in the last fortieth of the log only.
AGENCY: Final = (
    "CASE WHEN n * 40 >= {count} * 39 AND n % 500 < 4 THEN 'NEW.' || (n % 500 / 2) "
    "ELSE 'H24.' || (100 + n / 2 * 7919 % 150) END"
)
LOOKUP: Final = "('01800000-0000-7000-8000-' || lpad(to_hex(n / 2), 12, '0'))::uuid"
SUBJECTS: Final = """
INSERT INTO {schema}.audit_subject (sequence, ref, role)
SELECT n, sha256((n / 2 * 104729 % 200000)::text::bytea), 'claimed'
FROM generate_series(0::bigint, {count} - 1) AS n
"""
CASES: Final = """
INSERT INTO {schema}.case_file (receipt_number, agency_code, procedure_code, procedure_name, procedure_level,
    processing_days, channel, status, payment_status, received_at, registered_by, applicant_ref,
    content_sealed, has_words, version)
SELECT 'H24.15-' || n, 'H24.' || (100 + n * 7919 % 150), '1.004194', 'Dang ky tam tru', 'full_online', 3,
       'in_person',
       CASE WHEN n % 100 < 85 THEN 'returned' WHEN n % 100 = 99 THEN 'rejected' ELSE 'received' END,
       'none', {moment}, 'officer' || (n % 2000), sha256((n % 900000)::text::bytea),
       decode(repeat(md5(n::text), 25), 'hex'), true, 2
FROM generate_series(0::bigint, {count} - 1) AS n
"""
CHANGES: Final = """
INSERT INTO {schema}.case_change (sequence, receipt_number, agency_code, kind, status, version, at, officer,
                                  details_sealed)
SELECT n * 2 + step, 'H24.15-' || n, 'H24.' || (100 + n * 7919 % 150), 'status', 'received', step, {moment},
       'officer' || (n % 2000), decode(repeat(md5(n::text), 5), 'hex')
FROM generate_series(0::bigint, {count} - 1) AS n, generate_series(1, 2) AS step
"""
# A common word, one of one case in twenty, one of one in a thousand, and a word of its own.
WORDS: Final = """
INSERT INTO {schema}.case_word (mark, received_at)
SELECT mark, {moment} FROM generate_series(0::bigint, {count} - 1) AS n,
       unnest(ARRAY[CASE WHEN n % 5 < 2 THEN 1 ELSE 2 END, 100 + n % 20, 1000 + n % 1000, 1000000 + n])
       AS mark
"""


@dataclass(frozen=True, slots=True)
class Size:
    """How much there is."""

    records: int
    cases: int
    months: int


def make_layouts(connection: psycopg.Connection, size: Size) -> None:
    """Make the schemas: the tables in one piece, and those that can be divided in partitions."""
    for layout in LAYOUTS:
        connection.execute(f"CREATE SCHEMA {layout}".encode())
        for table in TABLES:
            if table in DIVIDED.get(layout, {}):
                _make_divided(connection, layout, table, size)
            else:
                whole = f"CREATE TABLE {layout}.{table} (LIKE public.{table} INCLUDING ALL)"
                connection.execute(whole.encode())
                _add_keys(connection, layout, table, f"{layout}.{table}")


def _make_divided(connection: psycopg.Connection, layout: str, table: str, size: Size) -> None:
    column, keys = DIVIDED[layout][table]
    name = f"{layout}.{table}"
    whole = f"CREATE TABLE {name} (LIKE public.{table} INCLUDING DEFAULTS, {keys})"
    connection.execute(f"{whole} PARTITION BY RANGE ({column})".encode())
    between = [_bound(column, table, size, month) for month in range(1, size.months)]
    bounds = ["MINVALUE", *between, "MAXVALUE"]
    for number, (since, until) in enumerate(pairwise(bounds)):
        part = f"CREATE TABLE {name}_{number} PARTITION OF {name} FOR VALUES FROM ({since}) TO ({until})"
        connection.execute(part.encode())
        _add_keys(connection, layout, table, f"{name}_{number}")
    # What the divided keys no longer find by itself.
    more = ("(closes)",) if (layout, table) == (AT, "audit_record") else ()
    for index in (*INDEXES[table], *more):
        connection.execute(f"CREATE INDEX ON {name} {index}".encode())


def _add_keys(connection: psycopg.Connection, layout: str, table: str, name: str) -> None:
    keys = OWN_KEYS.get(layout, {}).get(table)
    if keys is not None:
        connection.execute(f"ALTER TABLE {name} {keys}".encode())


def _bound(column: str, table: str, size: Size, month: int) -> str:
    if column == "sequence":
        count = size.records if table == "audit_record" else size.cases * 2
        return str(count * month // size.months)
    return f"timestamptz '{END:%Y-%m-%d} 00:00Z' - interval '{30 * (size.months - month)} days'"


def moment(count: int, months: int) -> str:
    """Write the time of row `n`, evenly spread over months of thirty days."""
    return f"timestamptz '{END:%Y-%m-%d} 00:00Z' - interval '{months * 30} days' * (1 - n::float8 / {count})"


def fill(connection: psycopg.Connection, layout: str, size: Size) -> None:
    """Invent the rows of one layout."""
    for text, count in (
        (RECORDS, size.records),
        (SUBJECTS, size.records),
        (CASES, size.cases),
        (CHANGES, size.cases),
        (WORDS, size.cases),
    ):
        at, agency = moment(count, size.months), AGENCY.format(count=count)
        written = text.format(schema=layout, count=count, moment=at, agency=agency, lookup=LOOKUP)
        connection.execute(written.encode())
