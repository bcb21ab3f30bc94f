"""Shapes of the reports on lookups."""

from collections.abc import Sequence
from typing import Annotated, Final, Self

from pydantic import ConfigDict

from app.domain.lookup_report import LookupGrouping, LookupReport, LookupReportRow
from app.domain.snooping import Finding, SnoopingSign
from app.languages import Language, Text
from app.schemas.base import RequestSchema, ResponseSchema
from app.schemas.csv_text import csv_text
from app.schemas.terms import term
from app.schemas.texts import VietnamTime
from app.schemas.times import TimeOrDay

_EXPLANATIONS: Final[dict[SnoopingSign, Text]] = {
    SnoopingSign.NEVER_TIED: Text(
        "Nhiều lượt tra cứu không gắn với hồ sơ nào.", "Many lookups that belong to no case."
    ),
    SnoopingSign.OFF_HOURS: Text(
        "Nhiều lượt tra cứu ngoài giờ làm việc.", "Many lookups outside working hours."
    ),
    SnoopingSign.ABOVE_PEERS: Text(
        "Tra cứu nhiều hơn hẳn các cán bộ cùng cơ quan.", "Far more lookups than others of the same agency."
    ),
    SnoopingSign.SAME_PERSON: Text(
        "Nhiều cán bộ cùng tra cứu một người.", "Many officers looked at the same person."
    ),
    SnoopingSign.MISSES: Text(
        "Nhiều lượt liên tiếp không tìm thấy công dân.", "Many lookups in a row that found nobody."
    ),
    SnoopingSign.NEIGHBOURS: Text(
        "Tra cứu liên tiếp các số định danh liền kề nhau.", "Lookups in a row of numbers next to each other."
    ),
}


class SpanQuery(RequestSchema):
    """The time that a report is about; the end is exclusive and by default now."""

    since: Annotated[
        TimeOrDay | None,
        term(
            "Ended at or after this time or day; see above for what holds without it.",
            "từ thời điểm",
            alias="from",
        ),
    ] = None
    until: Annotated[
        TimeOrDay | None,
        term("Ended before this time or day; now where it is left out.", "đến trước thời điểm", alias="to"),
    ] = None


class LookupReportQuery(SpanQuery):
    """What is to be counted."""

    group_by: Annotated[LookupGrouping, term("By what to count.", "nhóm theo", examples=["officer"])]


class LookupReportRowRead(ResponseSchema):
    """Lookups of one group."""

    group: Annotated[str, term("The group; empty where a lookup has none.", "nhóm")]
    lookups: Annotated[int, term("Number of lookups that ended.", "số lượt tra cứu")]
    without_case: Annotated[
        int, term("Those for no case, neither named nor tied later.", "số lượt không gắn với hồ sơ")
    ]


class LookupReportRead(ResponseSchema):
    """Lookups counted by group (thống kê lượt tra cứu), and the span that they ended in."""

    model_config = ConfigDict(populate_by_name=True, serialize_by_alias=True)

    since: Annotated[VietnamTime, term("Counted from here on.", "từ thời điểm", alias="from")]
    until: Annotated[VietnamTime, term("Counted up to before this.", "đến trước thời điểm", alias="to")]
    rows: Annotated[list[LookupReportRowRead], term("The groups, in their order.", "các dòng")]

    @classmethod
    def of(cls, report: LookupReport) -> Self:
        """Show the counts."""
        rows = [LookupReportRowRead.model_validate(row) for row in report.rows]
        return cls(since=report.span.since, until=report.span.until, rows=rows)


class FindingRead(ResponseSchema):
    """Something to ask about; no proof of anything."""

    sign: Annotated[SnoopingSign, term("What it is about.", "dấu hiệu")]
    explanation: Annotated[str, term("The sign for a person to read.", "giải thích")]
    officers: Annotated[list[str], term("The officers concerned.", "cán bộ")]
    agencies: Annotated[list[str], term("Their agencies.", "cơ quan")]
    count: Annotated[int, term("How many lookups, or of one person how many officers.", "số lượng")]
    sequences: Annotated[list[int], term("Some audit records that show it.", "số thứ tự một số bản ghi")]


class SnoopingReportRead(ResponseSchema):
    """Signs of lookups made for other reasons than the work (dấu hiệu tra cứu bất thường)."""

    findings: Annotated[list[FindingRead], term("What was found.", "các dấu hiệu")]

    @classmethod
    def of(cls, findings: Sequence[Finding], language: Language) -> Self:
        """Show the findings in the caller's language."""
        return cls(
            findings=[
                FindingRead(
                    sign=finding.sign,
                    explanation=_EXPLANATIONS[finding.sign].in_language(language),
                    officers=list(finding.officers),
                    agencies=list(finding.agencies),
                    count=finding.count,
                    sequences=list(finding.sequences),
                )
                for finding in findings
            ]
        )


def counts_as_csv(rows: Sequence[LookupReportRow]) -> str:
    """Write the counts as CSV, under the names that JSON has."""
    header = tuple(LookupReportRowRead.model_fields)
    return csv_text(header, ((row.group, row.lookups, row.without_case) for row in rows))
