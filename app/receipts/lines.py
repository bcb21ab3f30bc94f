"""The lines of the receipt between its title and its signatures, in the form's order."""

from collections.abc import Iterator

from app.domain.receipt_form import ReceiptForm
from app.receipts.wording import LABELS, TO_FILL_IN

Line = tuple[str, str]
"""A label and what stands behind it."""


def lines_before_documents(form: ReceiptForm) -> Iterator[Line]:
    """Give the lines about who handed in what is asked for."""
    yield LABELS["applicant"], form.applicant
    if form.organization is not None:
        yield LABELS["organization"], form.organization
    for name, value in (("address", form.address), ("phone", form.phone), ("email", form.email)):
        yield LABELS[name], value or TO_FILL_IN
    yield LABELS["procedure"], form.procedure


def lines_after_documents(form: ReceiptForm) -> Iterator[Line]:
    """Give the lines about time and place."""
    yield LABELS["sets"], "01 (bộ)"
    yield LABELS["processing_days"], f"{form.processing_days} ngày làm việc"
    yield LABELS["received"], form.received
    yield LABELS["due"], form.due
    yield LABELS["return_place"], TO_FILL_IN
    yield LABELS["register"], f"{TO_FILL_IN[:20]} {LABELS['register_entry']}: {form.counter}"
