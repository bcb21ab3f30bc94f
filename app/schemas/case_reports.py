"""Shapes of the reports on cases."""

from collections.abc import Sequence
from dataclasses import astuple
from typing import Annotated, Self

from app.domain.case_report import CaseGrouping, CaseReportRow
from app.schemas.base import RequestSchema, ResponseSchema
from app.schemas.csv_text import csv_text
from app.schemas.terms import term
from app.schemas.times import TimeOrDay


class CaseReportQuery(RequestSchema):
    """Which cases are to be counted: those received in a span, by default all."""

    since: Annotated[
        TimeOrDay | None, term("Received at or after this time or day.", "tiếp nhận từ", alias="from")
    ] = None
    until: Annotated[
        TimeOrDay | None, term("Received before this time or day.", "tiếp nhận đến trước", alias="to")
    ] = None
    group_by: Annotated[CaseGrouping, term("By what to count.", "nhóm theo", examples=["status"])]


class CaseReportRowRead(ResponseSchema):
    """Cases of one group, as they stand now."""

    group: Annotated[str, term("The group.", "nhóm")]
    received: Annotated[int, term("All of them.", "số hồ sơ tiếp nhận")]
    in_progress: Annotated[int, term("Those that have not ended.", "số hồ sơ đang giải quyết")]
    completed_on_time: Annotated[
        int,
        term(
            "Those completed by their due date, with at most one request for a supplement.",
            "số hồ sơ giải quyết đúng hạn",
        ),
    ]
    completed_late: Annotated[int, term("The others that were completed.", "số hồ sơ giải quyết quá hạn")]
    overdue_now: Annotated[int, term("Those in progress whose due date has passed.", "số hồ sơ đang quá hạn")]


class CaseReportRead(ResponseSchema):
    """Cases counted by group (thống kê hồ sơ)."""

    rows: Annotated[list[CaseReportRowRead], term("The groups, in their order.", "các dòng")]

    @classmethod
    def of(cls, rows: Sequence[CaseReportRow]) -> Self:
        """Show the counts."""
        return cls(rows=[CaseReportRowRead.model_validate(row) for row in rows])


def case_counts_as_csv(rows: Sequence[CaseReportRow]) -> str:
    """Write the counts as CSV, under the names that JSON has."""
    return csv_text(tuple(CaseReportRowRead.model_fields), map(astuple, rows))
