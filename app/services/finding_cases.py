"""Finds a case for a caller: one out of reach is not there."""

from collections.abc import Collection

from app.db import cases
from app.db.cases import FoundCase
from app.db.engine import BlockingSession
from app.domain.receipt_number import is_receipt_number
from app.errors import CaseNotFoundError


def find_case(
    session: BlockingSession,
    receipt_number: str,
    *,
    agency_codes: Collection[str],
    is_to_change: bool = False,
) -> FoundCase:
    """Return a case of one of these agencies, locked if it is to be changed.

    Raises:
        CaseNotFoundError: no such case, or one of another agency.
    """
    if not is_receipt_number(receipt_number):
        raise CaseNotFoundError
    found = cases.find_case(session, receipt_number, agency_codes=agency_codes, is_to_change=is_to_change)
    if found is None:
        raise CaseNotFoundError
    return found
