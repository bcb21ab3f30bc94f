"""What callers send to search cases."""

from typing import Annotated, Final

from pydantic import ConfigDict
from pydantic.config import JsonDict

from app.domain.case_search import CaseCriteria, folded_words
from app.schemas.cases import CaseCursor, CaseFilterFields
from app.schemas.checked import Checked, refuse
from app.schemas.terms import term
from app.schemas.texts import MAX_NAME_LENGTH, BirthDate, IdNumber, ReceiptNumber, text
from app.schemas.times import DEFAULT_LIMIT, BodyLimit

_EXAMPLE: Final[JsonDict] = {"full_name": "minh ng", "status": "received"}
_LINE: Final = text(max_length=MAX_NAME_LENGTH)


def _words(raw: str) -> str:
    line: str = _LINE.check(raw)
    if not folded_words(line):
        refuse("too-short")
    return line


_Words = Checked(_words, _LINE.shown)


class CaseSearchRequest(CaseFilterFields):
    """Which cases are wanted: all of what is given must hold."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    id_number: IdNumber | None = None
    full_name: (
        Annotated[
            str,
            _Words,
            term(
                "Words of the applicant's name in their order, the last may be a beginning; case and "
                "diacritics do not matter.",
                "họ, chữ đệm và tên",
                examples=["minh ng"],
            ),
        ]
        | None
    ) = None
    birth_date: BirthDate | None = None
    organization_name: (
        Annotated[
            str,
            _Words,
            term(
                "Words of the organisation's name, as for the applicant's.",
                "tên tổ chức",
                examples=["cong ty"],
            ),
        ]
        | None
    ) = None
    receipt_number: ReceiptNumber | None = None
    overdue: Annotated[bool, term("Only overdue cases, or only others.", "quá hạn")] | None = None
    limit: BodyLimit = DEFAULT_LIMIT
    cursor: CaseCursor | None = None

    def to_criteria(self) -> CaseCriteria:
        """Convert what was written to the domain's value."""
        return CaseCriteria(
            id_number=self.id_number,
            full_name=self.full_name,
            birth_date=self.birth_date,
            organization_name=self.organization_name,
            receipt_number=self.receipt_number,
        )
