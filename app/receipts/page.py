"""The receipt as a page that is ready to print. It loads nothing and runs nothing."""

import base64
import hashlib
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from app.domain.receipt_form import ReceiptForm
from app.receipts import wording
from app.receipts.lines import lines_after_documents, lines_before_documents
from app.receipts.qr_code import qr_code

_FOLDER: Final = Path(__file__).parent
_STYLE: Final = (_FOLDER / "receipt.css").read_text(encoding="utf-8")
_TEMPLATE: Final = Environment(
    loader=FileSystemLoader(_FOLDER), autoescape=True, undefined=StrictUndefined
).get_template("receipt.html")
_STYLE_HASH: Final = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()

STYLE_SOURCE: Final = f"'sha256-{_STYLE_HASH}'"
"""What a Content-Security-Policy must name for the page's one style element."""

PAGE_POLICY: Final = (
    f"default-src 'none'; style-src {STYLE_SOURCE}; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
"""The Content-Security-Policy under which the page shows as meant."""


def receipt_page(form: ReceiptForm) -> str:
    """Write the receipt as HTML."""
    return _TEMPLATE.render(
        form=form,
        words=wording,
        labels=wording.LABELS,
        before=lines_before_documents(form),
        after=lines_after_documents(form),
        style=_STYLE,
        code=qr_code(form.receipt_number).svg_inline(scale=3, border=2),
    )
