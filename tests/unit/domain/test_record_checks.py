"""What the verifier says of single records, built by hand: only somebody's hand makes such rows."""

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest

from app.domain import record_checks
from app.domain.audit_findings import Finding, Findings
from app.domain.merkle import leaf_hash
from app.domain.pruned_parts import PrunedParts
from app.domain.record_checks import COLUMNS, RecordChecks, Row
from app.domain.retention import Pruning

AT = "2026-11-23T05:00:00.000000Z"
LATER = "2026-11-23T07:00:00.000000Z"
YEARS_LATER = datetime(2029, 1, 1, tzinfo=UTC)


def parts(until: int, before: date = date(2026, 12, 1)) -> PrunedParts:
    return PrunedParts([Pruning(until, before, YEARS_LATER)] if until else [], tuple, now=YEARS_LATER)


def row(
    sequence: int, *, leaf: object = None, content: object = None, closes: str | None = None, **members: Any
) -> Row:
    """Make a sound row but for what is given."""
    record: dict[str, Any] = dict.fromkeys(COLUMNS) | {"kind": "ACCESS", "at": AT, "subjects": []} | members
    written = json.dumps(record).encode() if content is None else content
    digest = leaf_hash(written) if leaf is None and isinstance(written, bytes) else leaf
    return (sequence, digest, written, *(record[name] for name in COLUMNS), closes)


def pruned(sequence: int, **left: Any) -> Row:
    values = dict.fromkeys((*COLUMNS, "closes")) | {"kind": "ACCESS", "at": AT} | left
    return (sequence, b"x" * 32, None, *values.values())


def checked(
    *rows: Row, pruned_until: int = 0, size: int | None = None
) -> tuple[RecordChecks, tuple[Finding, ...]]:
    findings = Findings()
    checks = RecordChecks(findings, parts(pruned_until))
    checks.read(rows)
    checks.compare_subjects(())
    checks.finish(len(rows) if size is None else size)
    return checks, findings.first


def test_sound_records_have_no_findings() -> None:
    intent = row(0, kind="INTENT", lookup_id="a")
    outcome = row(1, kind="OUTCOME", lookup_id="a", closes="a")
    checks, findings = checked(intent, outcome, row(2))
    assert findings == ()
    assert (checks.read_until, checks.open_lookups, checks.has_gap) == (3, 0, False)


def test_a_sequence_that_stands_twice_is_told_and_read_once() -> None:
    checks, findings = checked(row(0), row(1), row(1), row(2), size=3)
    assert findings == (Finding("the sequence stands twice", 1),)
    assert checks.read_until == 3


def test_a_gap_ends_the_leaves() -> None:
    findings = Findings()
    checks = RecordChecks(findings, parts(0))
    assert len(checks.read([row(0), row(3), row(4)])) == 1
    assert findings.first == (Finding("the records up to 2 are missing", 1),)
    assert checks.read([row(5)]) == []


def test_a_pruned_record_is_one_that_the_log_says_was_pruned() -> None:
    checks, findings = checked(pruned(0), row(1), pruned_until=1)
    assert (checks.pruned, findings) == (1, ())
    _, findings = checked(pruned(0), row(1))
    assert findings == (Finding("the content is missing, and no record says that it was pruned", 0),)


def test_a_pruned_record_keeps_its_hash_and_no_more_than_it_may() -> None:
    _, findings = checked(pruned(0, officer="receiver"), pruned_until=1)
    assert findings == (Finding("a pruned record still has columns of its content", 0),)
    _, findings = checked((0, "text", *pruned(0)[2:]), pruned_until=1)
    assert findings == (Finding("the leaf hash is not of the stored type", 0),)


def test_a_pruned_record_behind_a_gap_is_no_leaf() -> None:
    checks = RecordChecks(Findings(), parts(9))
    assert len(checks.read([pruned(0), pruned(2)])) == 1


@pytest.mark.parametrize(
    ("wrong", "what"),
    [
        ({"leaf": b"x" * 32}, "the leaf hash is not that of the record"),
        ({"leaf": "text"}, "the record or its leaf hash is not of the stored type"),
        ({"content": "text", "leaf": b"x" * 32}, "the record or its leaf hash is not of the stored type"),
        ({"content": b"no JSON"}, "the record is not of our format"),
        ({"content": b"{} {}"}, "the record is not of our format"),
        ({"content": b"{}"}, "the record is not of our format"),
        ({"content": b"\xff"}, "the record is not of our format"),
        ({"content": b"[" * 100_000}, "the record is not of our format"),
        ({"closes": "a"}, "not as in the record: closes"),
    ],
)
def test_a_record_that_is_not_sound_is_told_apart(wrong: dict[str, Any], what: str) -> None:
    _, findings = checked(row(0, **wrong))
    assert findings == (Finding(what, 0),)


def test_columns_that_differ_are_named() -> None:
    changed = list(row(0))
    changed[3 + COLUMNS.index("officer")] = "other"
    changed[3 + COLUMNS.index("result")] = "exists"
    _, findings = checked(tuple(changed))
    assert findings == (Finding("not as in the record: officer, result", 0),)


def test_an_outcome_needs_an_open_lookup_and_an_intent_one_of_its_own() -> None:
    _, findings = checked(
        row(0, kind="OUTCOME", lookup_id="a", closes="a"),
        row(1, kind="INTENT"),
        row(2, kind="INTENT", lookup_id="b"),
        row(3, kind="INTENT", lookup_id="b"),
    )
    assert findings == (
        Finding("the OUTCOME ends a lookup that was not open", 0),
        Finding("the INTENT begins no lookup of its own", 1),
        Finding("the INTENT begins no lookup of its own", 3),
    )


def test_an_intent_that_nothing_closes_is_told_when_it_is_old() -> None:
    intent = row(0, kind="INTENT", lookup_id="a")
    checks, findings = checked(intent, row(1))
    assert (checks.open_lookups, findings) == (1, ())
    overdue = (Finding("the INTENT has neither OUTCOME nor ABANDONED", 0),)
    assert checked(intent, row(1, at=LATER))[1] == overdue
    # A time that is none: another finding says so, and it is no time of just now.
    _, findings = checked(intent, row(1, at="at noon"))
    assert findings == overdue


def test_lookups_are_not_paired_any_more_when_more_are_open_than_any_log_of_ours_has(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(record_checks, "MOST_OPEN", 2)
    intents = [row(number, kind="INTENT", lookup_id=str(number)) for number in range(3)]
    checks, findings = checked(*intents, row(3, kind="OUTCOME", lookup_id="0", closes="0"))
    assert findings == (Finding("more than 2 lookups are open at once", 2),)
    assert checks.open_lookups == 0


def test_persons_concerned_are_those_of_the_table() -> None:
    findings = Findings()
    checks = RecordChecks(findings, parts(0))
    checks.read([row(0, subjects=[{"ref": "AAAA", "role": "claimed"}]), row(1)])
    checks.compare_subjects([(0, b"\x00\x00\x00", "claimed"), (1, b"\x01", "claimed")])
    assert findings.first == (Finding("the table of persons concerned differs from the record", 1),)


def test_a_log_that_ends_too_early_is_told() -> None:
    _, findings = checked(row(0), size=3)
    assert findings == (Finding("the records up to 2 are missing", 1),)
