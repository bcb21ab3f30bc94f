"""What the errors of lookups, cases and the population database look like to the outside. Facts only."""

from types import MappingProxyType
from typing import Final

from app import errors as e
from app.languages import Text
from app.problems.entry import Entry

_PROCEDURE: Final = "/procedure_code"
_BUDGET_WORDS: Final = MappingProxyType(
    {
        "lookups": Text("số lượt tra cứu trong một phút", "lookups in a minute"),
        "people": Text("số người được tra cứu trong ngày", "different people in a day"),
        "misses": Text("số lượt không tìm thấy", "lookups that found nobody"),
        "officer": Text("của cán bộ", "of the officer"),
        "agency": Text("của cơ quan", "of the agency"),
        "client": Text("của hệ thống", "of the system"),
    }
)

DOMAIN_ENTRIES: Final[dict[type[e.DomainError], Entry]] = {
    e.PurposeMissingError: Entry(
        422,
        Text("Thiếu mục đích tra cứu", "Purpose missing"),
        Text(
            "Tra cứu phải nêu mã thủ tục (procedure_code) hoặc số biên nhận (receipt_number).",
            "A lookup must name a procedure_code or a receipt_number.",
        ),
        pointer=_PROCEDURE,
    ),
    e.PurposeMismatchError: Entry(
        422,
        Text("Mục đích không thống nhất", "Purpose mismatch"),
        Text(
            "Thủ tục được nêu không phải là thủ tục của hồ sơ hoặc của lượt tra cứu.",
            "The procedure named is not the case's or the lookup's.",
        ),
        pointer=_PROCEDURE,
    ),
    e.ProcedureNotFoundError: Entry(
        422,
        Text("Không có thủ tục này", "Procedure not found"),
        Text(
            "Thủ tục không tồn tại hoặc không còn hiệu lực.",
            "The procedure does not exist or is no longer active.",
        ),
        pointer=_PROCEDURE,
    ),
    e.LookupNotPermittedError: Entry(
        403,
        Text("Không được tra cứu", "Lookup not permitted"),
        Text(
            "Thủ tục này không cho phép loại tra cứu này.",
            "The procedure does not allow this kind of lookup.",
        ),
    ),
    e.FieldNotPermittedError: Entry(
        403,
        Text("Không được nhận trường này", "Field not permitted"),
        Text(
            "Thủ tục này không được nhận một trường đã yêu cầu.",
            "The procedure may not receive a field that was asked for.",
        ),
        detail_named=Text(
            "Thủ tục này không được nhận trường: {named}.", "The procedure may not receive: {named}."
        ),
    ),
    e.LookupBudgetExceededError: Entry(
        429,
        Text("Tra cứu quá nhiều", "Lookup budget exceeded"),
        Text(
            "Đã vượt quá số lượt tra cứu cho phép; hãy thử lại sau.",
            "Too many lookups, different people or misses; try again later.",
        ),
        detail_named=Text(
            "Đã vượt quá hạn mức tra cứu ({named}); hãy thử lại sau.",
            "A budget on lookups is exceeded ({named}); try again later.",
        ),
        named_words=_BUDGET_WORDS,
    ),
    e.OfficerIdMissingError: Entry(
        403,
        Text("Cán bộ chưa có số định danh", "Officer id missing"),
        Text(
            "Tài khoản cán bộ chưa có số định danh 12 chữ số, bắt buộc khi tra cứu CSDL quốc gia về dân cư.",
            "The officer has no 12-digit id on file, which the population database asks for.",
        ),
    ),
    e.CaseClosedError: Entry(
        409,
        Text("Hồ sơ đã kết thúc", "Case closed"),
        Text("Hồ sơ này đã kết thúc xử lý.", "The case has ended."),
    ),
    e.CaseNotFoundError: Entry(
        404,
        Text("Không tìm thấy hồ sơ", "Case not found"),
        Text(
            "Không có hồ sơ nào với số biên nhận này.",
            "There is no case with this receipt number.",
        ),
    ),
    e.TransitionNotAllowedError: Entry(
        409,
        Text("Không được chuyển trạng thái", "Transition not allowed"),
        Text(
            "Trạng thái hiện tại không cho phép chuyển tiếp nào.",
            "The present status allows no further step.",
        ),
        detail_named=Text(
            "Từ trạng thái hiện tại chỉ được chuyển sang: {named}.",
            "The present status may only change to: {named}.",
        ),
    ),
    e.AgencyNotFoundError: Entry(
        422,
        Text("Không có cơ quan này", "Agency not found"),
        Text(
            "Không có cơ quan này trong phạm vi của tài khoản.",
            "There is no such agency at or below the caller's own.",
        ),
        pointer="/agency_code",
    ),
    e.LookupNotFoundError: Entry(
        422,
        Text("Không có lượt tra cứu này", "Lookup not found"),
        Text(
            "Một lượt tra cứu không tồn tại, quá 24 giờ hoặc không phải của cán bộ này.",
            "A lookup does not exist, is older than 24 hours, or is not this officer's.",
        ),
        pointer="/lookup_ids",
    ),
    e.LookupAlreadyTiedError: Entry(
        409,
        Text("Lượt tra cứu đã thuộc hồ sơ khác", "Lookup already tied"),
        Text("Một lượt tra cứu đã được gắn với một hồ sơ.", "A lookup belongs to a case already."),
    ),
    e.PopulationDatabaseError: Entry(
        502,
        Text("Lỗi CSDL quốc gia về dân cư", "Population database error"),
        Text(
            "Không kết nối được hoặc không đọc được trả lời của CSDL quốc gia về dân cư.",
            "The population database cannot be reached, or its answer cannot be read.",
        ),
    ),
    e.PopulationDatabaseTimeoutError: Entry(
        504,
        Text("CSDL quốc gia về dân cư không trả lời kịp", "Population database timeout"),
        Text(
            "CSDL quốc gia về dân cư không trả lời trong thời gian cho phép.",
            "The population database did not answer in time.",
        ),
    ),
    e.PopulationDatabaseUnavailableError: Entry(
        503,
        Text("CSDL quốc gia về dân cư tạm thời không dùng được", "Population database unavailable"),
        Text(
            "CSDL quốc gia về dân cư tạm thời không phục vụ được; hãy thử lại sau.",
            "The population database cannot be asked at present; try again later.",
        ),
    ),
    e.PopulationDatabaseRefusedError: Entry(
        403,
        Text("CSDL quốc gia về dân cư từ chối", "Population database refused"),
        Text(
            "CSDL quốc gia về dân cư cho biết thủ tục hoặc cán bộ này chưa được cấp phép khai thác.",
            "The population database says that this procedure or this officer is not licensed.",
        ),
    ),
    e.PopulationDatabaseMismatchError: Entry(
        502,
        Text("CSDL quốc gia về dân cư trả lời sai người", "Population database mismatch"),
        Text(
            "CSDL quốc gia về dân cư trả về người khác với người được hỏi; kết quả đã bị loại bỏ.",
            "The population database returned another person than asked for; the answer was discarded.",
        ),
    ),
}
