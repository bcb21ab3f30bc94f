"""The shape of every error: application/problem+json (RFC 9457) with our own members."""

from typing import Annotated

from app.schemas.base import ResponseSchema
from app.schemas.terms import term


class FieldFault(ResponseSchema):
    """What is wrong with one member of a request."""

    pointer: Annotated[
        str,
        term(
            "JSON pointer into the body, or the parameter's name; of an unknown member, its parent's.",
            "vị trí lỗi",
            examples=["/applicant/full_name"],
        ),
    ]
    code: Annotated[str, term("Stable code of the fault.", "mã lỗi của trường", examples=["required"])]
    message: Annotated[
        str, term("What is wrong, for people.", "thông báo lỗi", examples=["Trường này là bắt buộc."])
    ]


class Problem(ResponseSchema):
    """An error."""

    type: Annotated[
        str,
        term(
            "Where this kind of problem is explained.", "loại lỗi", examples=["/problems/validation-failed"]
        ),
    ]
    title: Annotated[str, term("Kind of problem, for people.", "tiêu đề lỗi")]
    status: Annotated[int, term("HTTP status.", "mã trạng thái HTTP", examples=[422])]
    detail: Annotated[str, term("What happened and what to do, for people.", "chi tiết lỗi")]
    instance: Annotated[
        str,
        term(
            "This very occurrence.", "lần xảy ra lỗi", examples=["/requests/gbkfmaopcehjdlnigbkfmaopcehjdlni"]
        ),
    ]
    code: Annotated[str, term("Stable code of the problem.", "mã lỗi", examples=["validation-failed"])]
    request_id: Annotated[
        str,
        term(
            "Id of the request, as in X-Request-Id.",
            "mã yêu cầu",
            examples=["gbkfmaopcehjdlnigbkfmaopcehjdlni"],
        ),
    ]


class ValidationProblem(Problem):
    """An error 422, which tells what is wrong with which member."""

    errors: Annotated[list[FieldFault], term("Faults by member.", "danh sách lỗi theo trường")]
