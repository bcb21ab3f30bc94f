"""Shape of the caller's own profile."""

from typing import Annotated, Literal

from app.domain.caller import Role, Scope
from app.domain.lookup_budget import HolderKind, Measure
from app.domain.lookup_kind import LookupKind
from app.schemas.base import ResponseSchema
from app.schemas.terms import term


class CallerAgencyRead(ResponseSchema):
    """The agency that the caller belongs to (cơ quan)."""

    code: Annotated[str, term("Code of the agency.", "mã định danh cơ quan", examples=["H24.15"])]
    name: Annotated[str, term("Name of the agency.", "tên cơ quan")]


class ProcedureRightsRead(ResponseSchema):
    """What the caller may ask of the population database for one active procedure."""

    code: Annotated[str, term("Code of the procedure.", "mã thủ tục", examples=["1.004194"])]
    name: Annotated[str, term("Name of the procedure.", "tên thủ tục")]
    lookups: Annotated[tuple[LookupKind, ...], term("Lookups that may be made.", "các loại tra cứu")]
    share_fields: Annotated[
        tuple[str, ...],
        term(
            "Single members of the record that may be asked for.",
            "các trường thông tin được chia sẻ",
            examples=[["citizen.full_name", "father.full_name"]],
        ),
    ]


class LookupBudgetRead(ResponseSchema):
    """One budget on the caller's lookups (hạn mức tra cứu), now."""

    holder: Annotated[
        HolderKind,
        term("Whose budget it is: the officer's, the agency's or the front end's.", "đối tượng hạn mức"),
    ]
    measure: Annotated[
        Measure, term("What it counts: lookups, different people, or misses.", "nội dung hạn mức")
    ]
    limit: Annotated[int, term("How much may be used within the window.", "hạn mức")]
    window_seconds: Annotated[
        int,
        term(
            "Length of the window, in seconds; people are counted by the day of Vietnam.",
            "khoảng thời gian tính",
        ),
    ]
    left: Annotated[int, term("How much is left now.", "còn lại")]
    frees_in_seconds: Annotated[
        int,
        term(
            "In how many seconds more of it is free; 0 if nothing is used.", "thời gian đến khi được cấp lại"
        ),
    ]


class MeRead(ResponseSchema):
    """Who calls, where it belongs and what it may do."""

    kind: Annotated[
        Literal["officer", "system"], term("Whether an officer or a system calls.", "loại người gọi")
    ]
    username: Annotated[str | None, term("The officer's account; null for a system.", "tên đăng nhập")]
    full_name: Annotated[str | None, term("The officer's name; null for a system.", "họ tên cán bộ")]
    has_id_number: Annotated[
        bool | None,
        term(
            "Whether the officer's 12-digit number is on file; without it the register is asked nothing, and "
            "every lookup is 403 `officer-id-missing`. Null for a system.",
            "đã có số định danh của cán bộ",
        ),
    ]
    client_id: Annotated[
        str | None, term("The system that calls or vouches for the officer.", "mã hệ thống kết nối")
    ]
    agency: Annotated[CallerAgencyRead, term("The caller's agency.", "cơ quan")]
    roles: Annotated[tuple[Role, ...], term("The officer's roles; empty for a system.", "vai trò")]
    scopes: Annotated[tuple[Scope, ...], term("What this token allows now.", "phạm vi quyền")]
    procedures: Annotated[
        tuple[ProcedureRightsRead, ...], term("Rights for each active procedure.", "quyền theo thủ tục")
    ]
    budgets: Annotated[
        tuple[LookupBudgetRead, ...],
        term(
            "Budgets on lookups; empty for those who may not look up, and where budgets are off.",
            "hạn mức tra cứu",
        ),
    ]
