"""What must be true after every fault: each function raises with what is wrong, and how much of it."""

import json
import subprocess
import sys
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import psycopg
from psycopg import sql
from sqlalchemy import text

from tests.databases import sync_engine
from tests.faults.storms.ledger import Ledger
from tests.faults.storms.load import MARK_NUMBER, MARK_WORD

# Records of a log that are read at once: one that half an hour has filled would not fit into memory.
_AT_ONCE: Final = 20_000


@dataclass
class Evidence:
    """The database as it is, read straight; of the log only what is new since the last look."""

    url: str
    _seen: int = -1
    _intents: dict[str, str] = field(default_factory=dict)
    """Times of all INTENTs so far, by the id under which the register was asked."""
    _ended: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    _outcomes: dict[str, int] = field(default_factory=dict)

    def look(self) -> None:
        """Read what the log has new."""
        while rows := self._rows(
            "SELECT sequence, record FROM audit_record WHERE sequence > :seen ORDER BY sequence LIMIT :most",
            seen=self._seen,
            most=_AT_ONCE,
        ):
            for sequence, content in rows:
                if sequence != self._seen + 1:
                    raise AssertionError(f"the log has no record {self._seen + 1}")
                self._seen = sequence
                self._note(sequence, json.loads(content))

    def _note(self, sequence: int, record: dict[str, Any]) -> None:
        if record["kind"] in {"INTENT", "OUTCOME", "ABANDONED"}:
            self._ended[record["lookup_id"]][record["kind"]] += 1
        if record["kind"] == "INTENT":
            self._intents[record["upstream_request_id"]] = record["at"]
        elif record["kind"] == "OUTCOME":
            self._outcomes[record["lookup_id"]] = sequence

    def lost_lookups(self, ledger: Ledger) -> list[str]:
        """Name answered lookups without their INTENT or without the OUTCOME that the answer named."""
        return [
            lookup
            for lookup, sequence in ledger.lookups.items()
            if self._outcomes.get(lookup) != sequence
            or self._ended[lookup] != Counter({"INTENT": 1, "OUTCOME": 1})
        ]

    def open_lookups(self) -> list[str]:
        """Name lookups of which nobody knows how they ended."""
        return [
            lookup
            for lookup, kinds in self._ended.items()
            if kinds["INTENT"] and not kinds["OUTCOME"] + kinds["ABANDONED"]
        ]

    def check_every_lookup_ended_once(self) -> None:
        """See that each INTENT has at most one end, and no end is without an INTENT."""
        wrong = [
            lookup
            for lookup, kinds in self._ended.items()
            if kinds["INTENT"] != 1 or kinds["OUTCOME"] + kinds["ABANDONED"] > 1
        ]
        assert not wrong, f"{len(wrong)} lookups did not end as they should: {wrong[:3]}"

    def check_nothing_was_asked_unseen(self, received: list[dict[str, Any]], *, with_times: bool) -> None:
        """See that the register got no question whose INTENT is not on record, and none before it was."""
        asked = [entry for entry in received if entry["request_id"] is not None]
        unseen = [entry["request_id"] for entry in asked if entry["request_id"] not in self._intents]
        assert not unseen, f"{len(unseen)} questions without an INTENT: {unseen[:3]}"
        if with_times:
            early = [entry for entry in asked if entry["at"] < self._intended(entry["request_id"])]
            assert not early, f"{len(early)} questions came before their INTENT was written"

    def _intended(self, request_id: str) -> float:
        return datetime.fromisoformat(self._intents[request_id]).timestamp()

    def lost_cases(self, ledger: Ledger) -> list[str]:
        """Name acknowledged registrations and changes that are not there."""
        statuses = self._case_statuses()
        lost = [number for number in ledger.cases.values() if number not in statuses]
        return lost + [
            number
            for key, number in ledger.moves.items()
            if key in ledger.moved and statuses.get(number) != "in_progress"
        ]

    def check_receipts(self, ledger: Ledger) -> None:
        """See that numbers have no gap and no repeat, and that each key has exactly one case."""
        wrong = self.wrong_receipts(ledger)
        assert not wrong, f"{len(wrong)} times: {wrong[:3]}"

    def wrong_receipts(self, ledger: Ledger) -> list[str]:
        """Name days whose numbers have gaps or repeats; and count cases that the keys do not explain."""
        counters: dict[str, list[int]] = defaultdict(list)
        for number in self._case_statuses():
            day, _, counter = number.rpartition("-")
            counters[day].append(int(counter))
        wrong = [
            f"the receipts of {day} have gaps or repeats"
            for day, found in counters.items()
            if sorted(found) != list(range(1, len(found) + 1))
        ]
        cases = sum(map(len, counters.values()))
        return wrong + [f"{cases} cases for {len(ledger.keys)} keys"] * (cases != len(ledger.keys))

    def _case_statuses(self) -> dict[str, str]:
        return dict(self._rows("SELECT receipt_number, status FROM case_file"))

    def _rows(self, statement: str, **values: object) -> list[Any]:
        engine = sync_engine(self.url)
        try:
            with engine.connect() as connection:
                return list(connection.execute(text(statement), values))
        finally:
            engine.dispose()

    def check_marks(self, *files: Path) -> None:
        """See that what people wrote stands in the clear in no table and no log."""
        with psycopg.connect(self.url) as connection:
            tables = connection.execute(
                "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
            ).fetchall()
            for (table,) in tables:
                rows = connection.execute(sql.SQL("SELECT * FROM {}").format(sql.Identifier(table)))
                for cell in (cell for row in rows for cell in row):
                    content = cell if isinstance(cell, bytes) else str(cell).encode()
                    assert not _marks_in(content), f"a mark stands in {table}"
        for file in files:
            assert not _marks_in(file.read_bytes()), f"a mark stands in {file.name}"


def _marks_in(content: bytes) -> bool:
    return MARK_WORD.lower().encode() in content.lower() or MARK_NUMBER.encode() in content


def verified(environment: dict[str, str], *arguments: str) -> tuple[int, str]:
    """Run `motcua audit verify`; give its exit status and what it said."""
    done = subprocess.run(
        [sys.executable, "-m", "app.cli", "audit", "verify", *arguments],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return done.returncode, (done.stdout or done.stderr).strip()
