"""What each error looks like to the outside: its status and its texts in both languages. Facts only.

A test forbids an error class without an entry of its own.
"""

from typing import Final

from app import errors as e
from app.languages import Text
from app.problems.entries import DOMAIN_ENTRIES
from app.problems.entry import Entry

ENTRIES: Final[dict[type[e.DomainError], Entry]] = {
    e.UnauthenticatedError: Entry(
        401,
        Text("Chưa xác thực", "Not authenticated"),
        Text(
            "Yêu cầu không có mã truy cập hoặc mã truy cập không hợp lệ, đã hết hạn hay đã bị thu hồi.",
            "The request has no access token, or one that is not valid, has expired or was revoked.",
        ),
    ),
    e.TooManyLoginsError: Entry(
        429,
        Text("Đăng nhập sai quá nhiều lần", "Too many bad log-ins"),
        Text(
            "Có quá nhiều lần đăng nhập sai từ địa chỉ này. Hãy thử lại sau.",
            "Too many log-ins from this address were refused. Try again later.",
        ),
    ),
    e.InsufficientScopeError: Entry(
        403,
        Text("Không đủ quyền", "Insufficient scope"),
        Text(
            "Mã truy cập không có quyền cần thiết cho thao tác này.",
            "The access token lacks the scope that this operation needs.",
        ),
        detail_named=Text(
            "Mã truy cập không có quyền cần thiết cho thao tác này: {named}.",
            "The access token lacks the scope that this operation needs: {named}.",
        ),
    ),
    e.FieldFaultError: Entry(
        422,
        Text("Dữ liệu không hợp lệ", "Validation failed"),
        Text(
            "Một hoặc nhiều trường không hợp lệ; xem danh sách errors.",
            "One or more members are not valid; see errors.",
        ),
    ),
    e.RequestMalformedError: Entry(
        400,
        Text("Yêu cầu sai cú pháp", "Malformed request"),
        Text(
            "Yêu cầu không đúng cú pháp HTTP, hoặc nội dung không phải là JSON theo quy định của dịch vụ.",
            "This is no HTTP request, or its body is not JSON as this service asks for.",
        ),
    ),
    e.RequestTooLargeError: Entry(
        413,
        Text("Yêu cầu quá lớn", "Request too large"),
        Text("Nội dung gửi lên vượt quá giới hạn.", "The body is over the limit."),
    ),
    e.RequestTimeoutError: Entry(
        408,
        Text("Yêu cầu gửi quá chậm", "Request timeout"),
        Text(
            "Dịch vụ không nhận đủ nội dung yêu cầu trong thời gian cho phép.",
            "The request did not arrive whole in time.",
        ),
    ),
    e.UnsupportedMediaTypeError: Entry(
        415,
        Text("Kiểu nội dung không được hỗ trợ", "Unsupported media type"),
        Text(
            "Content-Type hoặc Content-Encoding của yêu cầu không được chấp nhận ở đây.",
            "The request's Content-Type or Content-Encoding is not accepted here.",
        ),
        detail_named=Text(
            "Content-Type của yêu cầu phải là: {named}; không nén.",
            "The request's Content-Type must be: {named}; without a Content-Encoding.",
        ),
    ),
    e.NotFoundError: Entry(
        404,
        Text("Không tìm thấy", "Not found"),
        Text("Không có tài nguyên này.", "There is no such resource."),
    ),
    e.PreconditionFailedError: Entry(
        412,
        Text("Không đúng phiên bản", "Precondition failed"),
        Text(
            "Dữ liệu không ở phiên bản mà If-Match nêu; hãy tải lại rồi thực hiện lại.",
            "The resource has no such version as If-Match names; read it again, then repeat the change.",
        ),
    ),
    e.IdempotencyKeyReusedError: Entry(
        422,
        Text("Idempotency-Key đã dùng cho nội dung khác", "Idempotency key reused"),
        Text(
            "Idempotency-Key này đã được dùng với một nội dung khác.",
            "This Idempotency-Key was used before with another body.",
        ),
        pointer="Idempotency-Key",
    ),
    e.IdempotencyKeyInUseError: Entry(
        409,
        Text("Idempotency-Key đang được xử lý", "Idempotency key in use"),
        Text(
            "Yêu cầu đầu tiên với Idempotency-Key này vẫn đang được xử lý.",
            "The first request with this Idempotency-Key is still running.",
        ),
    ),
    e.SecondFactorSetError: Entry(
        409,
        Text("Đã có xác thực hai yếu tố", "Second factor set"),
        Text(
            "Tài khoản đã có xác thực hai yếu tố; quản trị viên gỡ được nó.",
            "The account has a second factor already; an administrator can take it away.",
        ),
    ),
    e.RootAdminNeededError: Entry(
        403,
        Text("Cần quản trị viên của cơ quan gốc", "Root administrator needed"),
        Text(
            "Thay đổi này áp dụng cho mọi cơ quan; chỉ quản trị viên của cơ quan gốc được thực hiện.",
            "The change concerns every agency; only an administrator of the root agency may make it.",
        ),
    ),
    e.LastAdminError: Entry(
        409,
        Text("Quản trị viên cuối cùng", "Last administrator"),
        Text(
            "Phải còn ít nhất một tài khoản quản trị đang hoạt động.",
            "At least one active administrator must be left.",
        ),
    ),
    e.AuditUnavailableError: Entry(
        503,
        Text("Không ghi được nhật ký", "Audit log unavailable"),
        Text(
            "Không ghi được nhật ký kiểm toán nên không thông tin nào được cung cấp; hãy thử lại sau.",
            "The audit log cannot be written, so nothing was disclosed; try again later.",
        ),
    ),
    e.ServiceUnavailableError: Entry(
        503,
        Text("Dịch vụ tạm thời không sẵn sàng", "Service unavailable"),
        Text(
            "Dịch vụ đang bận hoặc đang bảo trì; trước khi gửi lại hãy kiểm tra xem đã được lưu chưa.",
            "The service is busy or under maintenance; before you repeat a change, look whether it was made.",
        ),
    ),
    **DOMAIN_ENTRIES,
}

MALFORMED: Final[dict[str, Text]] = {
    "not-utf-8": Text("Nội dung không phải là UTF-8.", "The body is not UTF-8."),
    "not-json": Text("Nội dung không phải là JSON.", "The body is not JSON."),
    "duplicate-key": Text("Một đối tượng JSON có khóa lặp lại.", "A JSON object has a key twice."),
    "number-out-of-range": Text(
        "Một số nằm ngoài phạm vi cho phép.", "A number is out of range: integers have 64 bits."
    ),
    "control-character": Text(
        "Một chuỗi chứa ký tự điều khiển không được phép.", "A string holds a control character."
    ),
    "lone-surrogate": Text(
        "Một chuỗi chứa mã surrogate đơn lẻ, không phải là Unicode hợp lệ.",
        "A string holds a lone surrogate, which is not Unicode.",
    ),
    "too-deep": Text("JSON lồng nhau quá 20 cấp.", "The JSON is nested deeper than 20."),
}

# Problems that no domain error stands for.
METHOD_NOT_ALLOWED: Final = Entry(
    405,
    Text("Phương thức không được phép", "Method not allowed"),
    Text(
        "Tài nguyên này không hỗ trợ phương thức đã dùng; xem tiêu đề Allow.",
        "The resource does not have this method; see the Allow header.",
    ),
)
REQUEST_REFUSED: Final = Entry(
    400,
    Text("Yêu cầu bị từ chối", "Request refused"),
    Text("Dịch vụ không chấp nhận yêu cầu này.", "The service does not accept this request."),
)
INTERNAL_ERROR: Final = Entry(
    500,
    Text("Lỗi nội bộ", "Internal error"),
    Text(
        "Dịch vụ gặp lỗi ngoài dự kiến; khi báo lỗi hãy nêu request_id.",
        "Something went wrong on our side; please name the request_id when you report it.",
    ),
)

BY_CODE: Final[dict[str, Entry]] = {
    **{error.code: entry for error, entry in ENTRIES.items()},
    "method-not-allowed": METHOD_NOT_ALLOWED,
    "request-refused": REQUEST_REFUSED,
    "internal-error": INTERNAL_ERROR,
}
