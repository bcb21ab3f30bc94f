"""From pydantic's validation errors to pointers and stable codes of our own.

Only the kind and the place of an error are looked at: its input, context and message may hold what was sent.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

from app.languages import Text

MAX_FAULTS: Final = 50

FAULTS: Final[dict[str, Text]] = {
    "required": Text("Trường này là bắt buộc.", "This member is required."),
    "unknown-member": Text(
        "Có trường hoặc tham số không được hỗ trợ.", "There is an unknown member or parameter."
    ),
    "wrong-type": Text("Sai kiểu dữ liệu.", "The type is wrong."),
    "too-long": Text("Quá dài hoặc quá nhiều phần tử.", "Too long, or too many items."),
    "too-short": Text("Quá ngắn, để trống hoặc quá ít phần tử.", "Too short, empty, or too few items."),
    "pattern": Text("Sai định dạng.", "The form is wrong."),
    "not-allowed": Text("Giá trị không thuộc danh mục cho phép.", "The value is not one of those allowed."),
    "out-of-range": Text("Giá trị nằm ngoài phạm vi cho phép.", "The value is out of range."),
    "repeated": Text("Bị lặp lại.", "Given more than once."),
    "control-character": Text(
        "Chứa ký tự điều khiển hoặc ký tự đổi chiều chữ.", "Holds a control or bidirectional character."
    ),
    "invalid-id-number": Text(
        "Số định danh/CMND phải gồm đúng 12 hoặc 9 chữ số.", "An identity number has exactly 12 or 9 digits."
    ),
    "invalid-name": Text(
        "Họ tên phải có chữ cái và không chứa ký tự lạ.", "A name has letters and no foreign signs."
    ),
    "weak-password": Text(
        "Mật khẩu phải có ít nhất 14 ký tự gồm chữ thường, chữ hoa, chữ số và ký hiệu; "
        "ít nhất 8 ký tự nếu đã có xác thực hai yếu tố.",
        "A password has at least 14 characters with small and capital letters, digits and signs; at least 8 "
        "with a second factor.",
    ),
    "wrong-password": Text("Mật khẩu không đúng.", "The password is wrong."),
    "wrong-code": Text("Mã xác thực không đúng.", "The code is wrong."),
    "used-password": Text("Mật khẩu đã được dùng trước đây.", "The password was used before."),
    "invalid-network": Text("Mạng không hợp lệ (ví dụ 10.1.0.0/16).", "Not a network, as 10.1.0.0/16."),
    "invalid-key": Text(
        "Khóa công khai không hợp lệ (JWK: EC P-256, RSA từ 2048 bit hoặc Ed25519; không có khóa riêng).",
        "Not a public key (a JWK: EC P-256, RSA from 2048 bits, or Ed25519; nothing private).",
    ),
    "invalid-date": Text(
        "Ngày không hợp lệ (YYYY-MM-DD; ngày sinh có thể là YYYY-MM hoặc YYYY).",
        "Not a date (YYYY-MM-DD; a birth date may also be YYYY-MM or YYYY).",
    ),
    "in-future": Text("Ngày ở tương lai.", "The date is in the future."),
    "invalid-time": Text(
        "Thời điểm không hợp lệ (RFC 3339 có múi giờ: 2026-11-23T08:00:00+07:00; trong URL viết %2B thay +).",
        "Not a time (RFC 3339 with an offset, as 2026-11-23T08:00:00+07:00; in a URL write + as %2B).",
    ),
    "invalid-url": Text("Đường dẫn phải là URL https hợp lệ.", "Not an https URL."),
    "invalid-cursor": Text(
        "Con trỏ trang không hợp lệ; hãy lấy từ next_cursor của trang trước.",
        "Not a cursor; take it from the page before, next_cursor.",
    ),
    "invalid-uuid": Text("UUID không hợp lệ.", "Not a UUID."),
    "not-permitted-here": Text("Không được gửi trường này ở đây.", "This member may not be sent here."),
    "beyond-log": Text("Nhật ký chưa có nhiều bản ghi như vậy.", "The log never had as many records."),
    "record-not-in-tree": Text(
        "Nhật ký ở kích thước này chưa có bản ghi đó.", "The log of this size does not hold the record yet."
    ),
    "record-not-in-checkpoint": Text(
        "Chưa có điểm xác nhận nào gồm bản ghi này; hãy thử lại sau, hoặc nêu tree_size.",
        "No checkpoint holds the record yet; try again later, or name a tree_size.",
    ),
    "host-not-allowed": Text(
        "Máy chủ nhận không được phép; quản trị hệ thống khai báo trong MOTCUA_WEBHOOK_HOSTS và "
        "MOTCUA_WEBHOOK_NETWORKS. Ngoài môi trường thử, địa chỉ phải là https.",
        "The receiver's host is not allowed: MOTCUA_WEBHOOK_HOSTS and MOTCUA_WEBHOOK_NETWORKS name those "
        "that are. Outside the sandbox the address must be https.",
    ),
    "name-taken": Text(
        "Tên này đã thuộc về một tài khoản hoặc hệ thống khác.",
        "An account or a system has this name already.",
    ),
    "too-many": Text("Đã đạt số lượng tối đa.", "There are as many as there may be."),
    "roles-apart": Text(
        "Vai trò auditor và admin không đi cùng vai trò nào khác.",
        "The roles auditor and admin go with no other role.",
    ),
    "scopes-apart": Text(
        "Hệ thống tự nhận mã truy cập (client_credentials) không được có admin cùng quyền về hồ sơ, "
        "tra cứu hoặc audit:read, cũng không được có audit:read cùng quyền về hồ sơ hoặc tra cứu.",
        "A system with client_credentials has admin with no scope for cases, lookups or the audit log, and "
        "audit:read with none for cases or lookups.",
    ),
    "invalid": Text("Không hợp lệ.", "Not valid."),
}

_CODE_OF_TYPE: Final[Mapping[str, str]] = {
    "missing": "required",
    "missing_argument": "required",
    "extra_forbidden": "unknown-member",
    "string_too_long": "too-long",
    "too_long": "too-long",
    "bytes_too_long": "too-long",
    "string_too_short": "too-short",
    "too_short": "too-short",
    "string_pattern_mismatch": "pattern",
    "string_unicode": "control-character",
    "literal_error": "not-allowed",
    "enum": "not-allowed",
    "union_tag_invalid": "not-allowed",
    "union_tag_not_found": "required",
    "none_required": "not-permitted-here",
    "greater_than": "out-of-range",
    "greater_than_equal": "out-of-range",
    "less_than": "out-of-range",
    "less_than_equal": "out-of-range",
    "multiple_of": "out-of-range",
    "finite_number": "out-of-range",
    "int_parsing_size": "out-of-range",
}
# Kinds of a family, by the beginning of their names; after the table, which is more exact.
_CODE_OF_PREFIX: Final = (
    ("date_from_datetime", "invalid-date"),
    ("datetime", "invalid-time"),
    ("timezone", "invalid-time"),
    ("time", "invalid-time"),
    ("date", "invalid-date"),
    ("url", "invalid-url"),
    ("uuid", "invalid-uuid"),
)
_PARAMETERS: Final = frozenset({"query", "header", "cookie", "path"})


class Fault(NamedTuple):
    """What is wrong where; `code` is a key of FAULTS."""

    pointer: str
    code: str


def code_of(kind: str) -> str:
    """Translate the kind of a pydantic error; our own validators use the codes themselves as kinds."""
    if kind in FAULTS:
        return kind
    if kind in _CODE_OF_TYPE:
        return _CODE_OF_TYPE[kind]
    for prefix, code in _CODE_OF_PREFIX:
        if kind.startswith(prefix):
            return code
    return "wrong-type" if kind.endswith(("_type", "_parsing", "_from_float")) else "invalid"


def faults_of(errors: Iterable[Mapping[str, Any]]) -> list[Fault]:
    """Translate errors as pydantic reports them, each fault once and at most MAX_FAULTS of them."""
    faults: dict[Fault, None] = {}
    for error in errors:
        code = code_of(error["type"])
        faults[Fault(_pointer(error["loc"], is_unknown=code == "unknown-member"), code)] = None
        if len(faults) == MAX_FAULTS:
            break
    return list(faults)


def concerns_path(errors: Iterable[Mapping[str, Any]]) -> bool:
    """Tell whether a path parameter is not of its form: then the path names no resource."""
    return any(error["loc"][:1] == ("path",) for error in errors)


def _pointer(loc: tuple[int | str, ...], *, is_unknown: bool) -> str:
    place, *steps = loc
    if is_unknown:
        # The last step is a name that the caller made up.
        steps = steps[:-1]
    if place in _PARAMETERS:
        return str(steps[0]) if steps else ""
    return "".join(f"/{step}" for step in _known(steps))


def _known(steps: list[int | str]) -> Iterable[int | str]:
    # Behind a free-form dictionary, or inside a union, pydantic's steps are not members of the contract.
    for step in steps:
        if isinstance(step, str) and not (step.isascii() and step.isidentifier()):
            return
        yield step
