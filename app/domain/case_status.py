"""The life of a case: its statuses, which one may follow which, and the small vocabularies of a case."""

from enum import StrEnum
from typing import Final


class CaseStatus(StrEnum):
    """Status of a case (trạng thái hồ sơ), in the order of the national codes 1..10."""

    SUBMITTED = "submitted"
    RECEIVED = "received"
    REJECTED = "rejected"
    IN_PROGRESS = "in_progress"
    SUPPLEMENT_REQUESTED = "supplement_requested"
    PAYMENT_REQUESTED = "payment_requested"
    WITHDRAWN = "withdrawn"
    STOPPED = "stopped"
    COMPLETED = "completed"
    RETURNED = "returned"

    @property
    def number(self) -> int:
        """The national code, 1..10."""
        return _NUMBERS[self]

    @property
    def label(self) -> str:
        """The status in Vietnamese, as the national code list words it."""
        return _LABELS[self]


class Channel(StrEnum):
    """How a case was handed in (kênh thực hiện)."""

    IN_PERSON = "in_person"
    ONLINE = "online"
    POSTAL = "postal"


class DocumentForm(StrEnum):
    """In which form a document of a case was handed in."""

    ORIGINAL = "original"
    CERTIFIED_COPY = "certified_copy"
    COPY = "copy"
    ELECTRONIC = "electronic"


class PaymentStatus(StrEnum):
    """Where the case's fee stands."""

    NOT_REQUIRED = "not_required"
    PENDING = "pending"
    PAID = "paid"
    WAIVED = "waived"


class ProcedureLevel(StrEnum):
    """How far a procedure can be done online (mức độ)."""

    INFORMATION = "information"
    PARTIAL = "partial"
    FULL_ONLINE = "full_online"


_NUMBERS: Final = {status: number for number, status in enumerate(CaseStatus, start=1)}

_LABELS: Final = {
    CaseStatus.SUBMITTED: "Mới đăng ký",
    CaseStatus.RECEIVED: "Được tiếp nhận",
    CaseStatus.REJECTED: "Không được tiếp nhận",
    CaseStatus.IN_PROGRESS: "Đang xử lý",
    CaseStatus.SUPPLEMENT_REQUESTED: "Yêu cầu bổ sung giấy tờ",
    CaseStatus.PAYMENT_REQUESTED: "Yêu cầu thực hiện nghĩa vụ tài chính",
    CaseStatus.WITHDRAWN: "Công dân yêu cầu rút hồ sơ",
    CaseStatus.STOPPED: "Dừng xử lý",
    CaseStatus.COMPLETED: "Đã xử lý xong",
    CaseStatus.RETURNED: "Đã trả kết quả",
}

# Each row in the order of the national codes: the refusal of a step names them in this order.
_NEXT: Final[dict[CaseStatus, tuple[CaseStatus, ...]]] = {
    CaseStatus.SUBMITTED: (CaseStatus.RECEIVED, CaseStatus.REJECTED),
    CaseStatus.RECEIVED: (
        CaseStatus.IN_PROGRESS,
        CaseStatus.SUPPLEMENT_REQUESTED,
        CaseStatus.PAYMENT_REQUESTED,
        CaseStatus.WITHDRAWN,
        CaseStatus.STOPPED,
    ),
    CaseStatus.REJECTED: (),
    CaseStatus.IN_PROGRESS: (
        CaseStatus.SUPPLEMENT_REQUESTED,
        CaseStatus.PAYMENT_REQUESTED,
        CaseStatus.WITHDRAWN,
        CaseStatus.STOPPED,
        CaseStatus.COMPLETED,
    ),
    CaseStatus.SUPPLEMENT_REQUESTED: (CaseStatus.IN_PROGRESS, CaseStatus.WITHDRAWN, CaseStatus.STOPPED),
    CaseStatus.PAYMENT_REQUESTED: (CaseStatus.IN_PROGRESS, CaseStatus.WITHDRAWN, CaseStatus.STOPPED),
    CaseStatus.WITHDRAWN: (),
    CaseStatus.STOPPED: (),
    CaseStatus.COMPLETED: (CaseStatus.RETURNED,),
    CaseStatus.RETURNED: (),
}

# A completed case may still be returned, but its work is over and its clock stands.
ENDED: Final = frozenset(
    {
        CaseStatus.REJECTED,
        CaseStatus.WITHDRAWN,
        CaseStatus.STOPPED,
        CaseStatus.COMPLETED,
        CaseStatus.RETURNED,
    }
)

_NEEDS_NOTE: Final = frozenset({CaseStatus.REJECTED, CaseStatus.SUPPLEMENT_REQUESTED, CaseStatus.STOPPED})


def initial_status(channel: Channel) -> CaseStatus:
    """Give the status in which a case starts: only an online one still waits to be received."""
    return CaseStatus.SUBMITTED if channel is Channel.ONLINE else CaseStatus.RECEIVED


def allowed_next(status: CaseStatus) -> tuple[CaseStatus, ...]:
    """Give the statuses that may follow, in the order of the national codes."""
    return _NEXT[status]


def may_follow(status: CaseStatus, target: CaseStatus) -> bool:
    """Tell whether a case may go from `status` to `target`."""
    return target in _NEXT[status]


def is_ended(status: CaseStatus) -> bool:
    """Tell whether the work on the case is over, so that no hours are left and no lookup may name it."""
    return status in ENDED


def needs_note(status: CaseStatus) -> bool:
    """Tell whether the step into this status must be explained."""
    return status in _NEEDS_NOTE
