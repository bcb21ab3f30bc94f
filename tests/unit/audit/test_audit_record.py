"""The stored bytes are a format for ever: the known hashes below were computed with other tools.

    printf '\\0' | cat - known_record.json | sha256sum

where known_record.json holds the bytes of KNOWN, without a line feed at the end.
"""

import json
from base64 import b64encode
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from app.domain.audit_event import AuditEvent, AuditKind
from app.domain.audit_record import SealedSubject, canonical_bytes, closed_lookup
from app.domain.lookup_kind import LookupKind
from app.domain.merkle import leaf_hash

EVENT = AuditEvent(
    kind=AuditKind.OUTCOME,
    at=datetime(2026, 11, 23, 12, 30, 0, 42, tzinfo=timezone(timedelta(hours=7))),
    officer="receiver",
    agency="H24.15",
    client='một-cửa\n"\\\x1f\x7f€😀',
    source_address="2001:db8::1",
    lookup_id=UUID("6f1c7c1e-31b1-4a51-9d8e-5a4c1d1f0a02"),
    lookup_kind=LookupKind.CITIZEN_SHARE,
    procedure_code="1.004194",
    receipt_number="H24.15-261123-0001",
    fields_asked=("citizen.gender", "father.full_name"),
    fields_given=("citizen.gender",),
    result="found",
    upstream_request_id="0b7e5f3c-6f0e-4c86-8a57-0a5c4f0d9e11",
    details={"tries": 2, "filters": ("officer", "from")},
    event_id=UUID("c0ffee00-0000-4000-8000-000000000001"),
)
SUBJECTS = (SealedSubject("claimed", ref=b"\xff" * 32, sealed=b"\x01\xfb\xef"),)

KNOWN = (
    '{"agency":"H24.15","at":"2026-11-23T05:30:00.000042Z","client":"một-cửa\\n\\"\\\\\\u001f\x7f€😀",'
    '"details":{"filters":["officer","from"],"tries":2},'
    '"event_id":"c0ffee00-0000-4000-8000-000000000001",'
    '"fields_asked":["citizen.gender","father.full_name"],"fields_given":["citizen.gender"],'
    '"kind":"OUTCOME","lookup_id":"6f1c7c1e-31b1-4a51-9d8e-5a4c1d1f0a02","lookup_kind":"citizen-share",'
    '"officer":"receiver","procedure_code":"1.004194","purpose_sealed":"AAEC",'
    '"receipt_number":"H24.15-261123-0001","result":"found","source_address":"2001:db8::1",'
    '"subjects":[{"ref":"//////////////////////////////////////////8=","role":"claimed","sealed":"Afvv"}],'
    '"upstream_request_id":"0b7e5f3c-6f0e-4c86-8a57-0a5c4f0d9e11"}'
)
KNOWN_LEAF_HASH = "dd007a971d511acde1d362ff4e390d0cddbb9c106eab6908e46a695979f43052"


def test_a_known_record_has_its_known_bytes() -> None:
    assert canonical_bytes(EVENT, subjects=SUBJECTS, purpose_sealed=b"\x00\x01\x02").decode() == KNOWN


def test_a_known_record_has_the_leaf_hash_that_sha256sum_gives() -> None:
    assert leaf_hash(KNOWN.encode()).hex() == KNOWN_LEAF_HASH


def test_the_leaf_of_an_empty_record_is_the_one_of_rfc_6962s_test_vectors() -> None:
    assert leaf_hash(b"").hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"


texts = st.text(st.characters(exclude_categories=["Cs"]))


@given(
    names=st.tuples(texts, texts, texts),
    at=st.datetimes(timezones=st.just(UTC)),
    details=st.dictionaries(
        st.text("abcdefghijklmnopqrstuvwxyz_", min_size=1),
        texts | st.integers(-(2**53) + 1, 2**53 - 1) | st.lists(texts).map(tuple),
    ),
    sealed=st.binary(),
)
def test_every_record_is_written_as_rfc_8785_has_it(
    names: tuple[str, str, str], at: datetime, details: dict[str, str | int | tuple[str, ...]], sealed: bytes
) -> None:
    officer, agency, client = names
    event = AuditEvent(
        kind=AuditKind.ACCESS,
        at=at,
        officer=officer,
        agency=agency,
        client=client,
        source_address=None,
        fields_asked=names,
        details=details,
    )
    subjects = [SealedSubject("member", ref=sealed, sealed=sealed)]
    record = canonical_bytes(event, subjects=subjects, purpose_sealed=sealed)
    content = json.loads(record)
    assert record == rfc8785.dumps(content)
    assert content["details"] == json.loads(json.dumps(details))
    assert content["subjects"][0]["sealed"] == b64encode(sealed).decode()
    assert datetime.fromisoformat(content["at"]) == at


def test_a_time_without_a_zone_is_refused() -> None:
    naive = AuditEvent(
        kind=AuditKind.ACCESS,
        at=datetime(2026, 11, 23),  # noqa: DTZ001 - the point of the test
        officer=None,
        agency=None,
        client=None,
        source_address=None,
    )
    with pytest.raises(ValueError, match="naive"):
        canonical_bytes(naive, subjects=[], purpose_sealed=None)


@pytest.mark.parametrize("number", [2**53, -(2**53), 10**17 + 1])
def test_an_integer_that_json_readers_would_round_is_refused(number: int) -> None:
    with pytest.raises(ValueError, match="53 bits"):
        canonical_bytes(replace(EVENT, details={"number": number}), subjects=[], purpose_sealed=None)


@pytest.mark.parametrize("kind", AuditKind)
def test_only_an_outcome_and_an_abandonment_end_a_lookup(kind: AuditKind) -> None:
    event = AuditEvent(
        kind=kind,
        at=EVENT.at,
        officer=None,
        agency=None,
        client=None,
        source_address=None,
        lookup_id=EVENT.lookup_id,
    )
    ends = kind in {AuditKind.OUTCOME, AuditKind.ABANDONED}
    assert closed_lookup(event) == (EVENT.lookup_id if ends else None)
