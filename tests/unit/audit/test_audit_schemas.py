import json
from base64 import b64decode
from datetime import UTC, datetime
from typing import Any

import pytest
import rfc8785
from pydantic import TypeAdapter, ValidationError

from app.domain.audit_record import SealedSubject, canonical_bytes
from app.domain.audit_search import AuditFilters, AuditPage, StoredRecord
from app.domain.merkle import leaf_hash
from app.schemas.audit import AuditRecordListRead, AuditRecordQuery, AuditRecordRead, SequenceInPath
from app.schemas.cursors import encode_cursor
from tests.unit.audit.events import make_intent

IN_PATH = TypeAdapter[int](SequenceInPath)


def make_stored(sequence: int = 7, **changes: Any) -> StoredRecord:
    subjects = [SealedSubject("claimed", ref=b"r" * 32, sealed=b"s" * 41)]
    content = canonical_bytes(make_intent(**changes), subjects=subjects, purpose_sealed=b"p")
    return StoredRecord(sequence, content, leaf_hash(content))


def test_what_an_auditor_gets_has_the_leaf_hash_that_goes_with_it() -> None:
    stored = make_stored(details={"text": "5", "number": 5, "list": ("a", "5")}, officer="cán bộ\u0301")
    shown = json.loads(AuditRecordRead.of(stored).model_dump_json())
    assert rfc8785.dumps(shown["record"]) == stored.content
    assert leaf_hash(rfc8785.dumps(shown["record"])) == b64decode(shown["leaf_hash"])
    assert shown["sequence"] == 7


def test_a_member_that_a_later_version_adds_is_shown_too() -> None:
    stored = make_stored()
    content = rfc8785.dumps(json.loads(stored.content or b"") | {"added_later": {"deep": [1, None]}})
    shown = json.loads(AuditRecordRead.of(StoredRecord(0, content, b"")).model_dump_json())
    assert rfc8785.dumps(shown["record"]) == content


def test_a_page_ends_with_the_cursor_of_the_next() -> None:
    shown = AuditRecordListRead.of(AuditPage((make_stored(9), make_stored(8)), next_before=8))
    assert [item.sequence for item in shown.items] == [9, 8]
    assert AuditRecordQuery.model_validate({"cursor": shown.next_cursor}).cursor == 8
    assert AuditRecordListRead.of(AuditPage((), None)).next_cursor is None


def test_filters_are_read_as_the_contract_spells_them() -> None:
    intent = make_intent()
    query = AuditRecordQuery.model_validate(
        {
            "officer": " receiver ",
            "agency": "H24.15",
            "kind": "OUTCOME",
            "lookup_id": str(intent.lookup_id),
            "receipt_number": "H24.15-261123-0001",
            "from": "2026-11-23",
            "to": "2026-11-23T12:00:00+07:00",
            "limit": "200",
        }
    )
    assert query.to_filters() == AuditFilters(
        officer="receiver",
        agency="H24.15",
        kind=query.kind,
        lookup_id=intent.lookup_id,
        receipt_number="H24.15-261123-0001",
        since=datetime(2026, 11, 22, 17, tzinfo=UTC),
        until=datetime(2026, 11, 23, 5, tzinfo=UTC),
    )
    assert (query.kind, query.limit, query.cursor) == ("OUTCOME", 200, None)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("officer", ""),
        ("officer", "x" * 65),
        ("officer", "a\x00"),
        ("agency", "h24"),
        ("kind", "outcome"),
        ("lookup_id", "1"),
        ("receipt_number", "1"),
        ("from", "yesterday"),
        ("to", "2026-13-01"),
        ("since", "2026-11-23"),
        ("limit", "0"),
        ("limit", "201"),
        ("cursor", "Mg"),
        ("cursor", encode_cursor("-1")),
        ("cursor", encode_cursor("9" * 16)),
        ("cursor", encode_cursor("9" * 19)),
        ("cursor", encode_cursor("01")),
        ("cursor", encode_cursor("1", "2")),
    ],
)
def test_what_is_no_filter_limit_or_cursor_is_refused(name: str, value: str) -> None:
    with pytest.raises(ValidationError) as refused:
        AuditRecordQuery.model_validate({name: value})
    assert [error["loc"] for error in refused.value.errors()] == [(name,)]


def test_a_sequence_in_a_path_is_a_plain_number_that_every_json_reader_keeps() -> None:
    assert [IN_PATH.validate_python(raw) for raw in ("0", "7", "9" * 15)] == [0, 7, 10**15 - 1]
    for raw in ("", "-1", "+1", "01", "1.0", " 1", "1\n", "１", "1_0", "9" * 16, "9" * 19):
        with pytest.raises(ValidationError):
            IN_PATH.validate_python(raw)
