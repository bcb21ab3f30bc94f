import itertools

import pytest

from app.domain.case_status import (
    CaseStatus,
    Channel,
    DocumentForm,
    PaymentStatus,
    ProcedureLevel,
    allowed_next,
    initial_status,
    is_ended,
    may_follow,
    needs_note,
)
from app.domain.lookup_kind import LookupKind

STEPS = """
    submitted            received rejected
    received             in_progress supplement_requested payment_requested withdrawn stopped
    rejected
    in_progress          supplement_requested payment_requested completed withdrawn stopped
    supplement_requested in_progress withdrawn stopped
    payment_requested    in_progress withdrawn stopped
    withdrawn
    stopped
    completed            returned
    returned
"""
ALLOWED = {status: set(following) for status, *following in map(str.split, STEPS.strip().splitlines())}


@pytest.mark.parametrize(
    ("status", "number", "label"),
    [
        ("submitted", 1, "Mới đăng ký"),
        ("received", 2, "Được tiếp nhận"),
        ("rejected", 3, "Không được tiếp nhận"),
        ("in_progress", 4, "Đang xử lý"),
        ("supplement_requested", 5, "Yêu cầu bổ sung giấy tờ"),
        ("payment_requested", 6, "Yêu cầu thực hiện nghĩa vụ tài chính"),
        ("withdrawn", 7, "Công dân yêu cầu rút hồ sơ"),
        ("stopped", 8, "Dừng xử lý"),
        ("completed", 9, "Đã xử lý xong"),
        ("returned", 10, "Đã trả kết quả"),
    ],
)
def test_a_status_has_its_national_code_and_label(status: str, number: int, label: str) -> None:
    assert (CaseStatus(status).number, CaseStatus(status).label) == (number, label)


@pytest.mark.parametrize(("status", "target"), list(itertools.product(CaseStatus, CaseStatus)))
def test_exactly_the_steps_of_the_contract_are_allowed(status: CaseStatus, target: CaseStatus) -> None:
    is_allowed = target.value in ALLOWED[status.value]
    assert may_follow(status, target) is is_allowed
    assert (target in allowed_next(status)) is is_allowed


@pytest.mark.parametrize("status", CaseStatus)
def test_allowed_steps_are_named_in_the_order_of_the_national_codes(status: CaseStatus) -> None:
    following = allowed_next(status)
    assert list(following) == sorted(following, key=lambda target: target.number)


def test_five_statuses_end_a_case() -> None:
    assert [status.value for status in CaseStatus if is_ended(status)] == [
        "rejected",
        "withdrawn",
        "stopped",
        "completed",
        "returned",
    ]


def test_three_steps_need_a_note() -> None:
    assert [status.value for status in CaseStatus if needs_note(status)] == [
        "rejected",
        "supplement_requested",
        "stopped",
    ]


@pytest.mark.parametrize(
    ("channel", "status"),
    [
        (Channel.IN_PERSON, CaseStatus.RECEIVED),
        (Channel.POSTAL, CaseStatus.RECEIVED),
        (Channel.ONLINE, CaseStatus.SUBMITTED),
    ],
)
def test_only_an_online_case_waits_to_be_received(channel: Channel, status: CaseStatus) -> None:
    assert initial_status(channel) is status


def test_the_small_vocabularies_are_the_contracts() -> None:
    assert [*Channel] == ["in_person", "online", "postal"]
    assert [*DocumentForm] == ["original", "certified_copy", "copy", "electronic"]
    assert [*PaymentStatus] == ["not_required", "pending", "paid", "waived"]
    assert [*ProcedureLevel] == ["information", "partial", "full_online"]
    assert [*LookupKind] == ["id-card", "household-head", "citizen-share"]
