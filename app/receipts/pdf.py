"""The receipt as a PDF with its fonts in it: every Vietnamese letter prints the same everywhere.

Slow enough to be called in a thread, and always in the same one: fonts are not made for two at once.
"""

from collections.abc import Iterable, Iterator
from functools import cache
from html import escape
from io import BytesIO
from pathlib import Path
from typing import Final

from reportlab.lib.colors import black
from reportlab.lib.enums import TA_CENTER
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import Flowable, KeepTogether, Paragraph, SimpleDocTemplate, Spacer, Table

from app.domain.receipt_form import ReceiptForm
from app.receipts.lines import Line, lines_after_documents, lines_before_documents
from app.receipts.qr_code import qr_code
from app.receipts.wording import (
    COUNTRY,
    DESK,
    DOCUMENT_HEADER,
    LABELS,
    MOTTO,
    SIGN_HERE,
    SIGNATURES,
    TITLE,
)

_FONTS: Final = Path(__file__).parent / "fonts"
_PLAIN: Final = "DejaVuSerifCondensed"
_BOLD: Final = "DejaVuSerifCondensed-Bold"
_QR_SIZE: Final = 26 * mm
# The page between its margins, less the padding of its frame.
_WIDTH: Final = 168 * mm - 12

_BODY: Final = ParagraphStyle(
    "body", fontName=_PLAIN, fontSize=11.5, leading=17, wordWrap="LTR", splitLongWords=1
)
_CENTRED: Final = ParagraphStyle("centred", parent=_BODY, alignment=TA_CENTER)
_STRONG: Final = ParagraphStyle("strong", parent=_CENTRED, fontName=_BOLD)
_TITLE: Final = ParagraphStyle("title", parent=_STRONG, fontSize=14, leading=20)
_CELL: Final = ParagraphStyle("cell", parent=_BODY, fontSize=10.5, leading=14)
_HEAD: Final = ParagraphStyle("head", parent=_CELL, fontName=_BOLD)


def receipt_pdf(form: ReceiptForm) -> bytes:
    """Write the receipt as PDF."""
    _load_fonts()
    out = BytesIO()
    document = SimpleDocTemplate(
        out,
        pagesize=A4,
        leftMargin=24 * mm,
        rightMargin=18 * mm,
        topMargin=16 * mm,
        bottomMargin=16 * mm,
        title=form.receipt_number,
        lang="vi",
        initialFontName=_PLAIN,
    )
    document.build(list(_flow(form)))
    return out.getvalue()


@cache
def _load_fonts() -> None:
    for name in (_PLAIN, _BOLD):
        pdfmetrics.registerFont(TTFont(name, _FONTS / f"{name}.ttf"))


def _flow(form: ReceiptForm) -> Iterator[Flowable]:
    yield _heads(form)
    yield Spacer(1, 6 * mm)
    yield _title(form)
    yield Spacer(1, 3 * mm)
    yield from _paragraphs(lines_before_documents(form))
    yield Paragraph(f"{LABELS['documents']}:", _BODY)
    yield _documents(form)
    yield Spacer(1, 2 * mm)
    yield from _paragraphs(lines_after_documents(form))
    yield _signatures()


def _heads(form: ReceiptForm) -> Flowable:
    left = [_text(form.agency.upper(), _STRONG), _text(DESK, _CENTRED)]
    left.append(_text(f"{LABELS['counter']}: {form.counter}/TNHS", _CENTRED))
    right = [_text(COUNTRY, _STRONG), Paragraph(f"<u>{escape(MOTTO)}</u>", _STRONG)]
    return Table(
        [[left, right]], colWidths=[_WIDTH * 0.42, _WIDTH * 0.58], style=[("VALIGN", (0, 0), (-1, -1), "TOP")]
    )


def _title(form: ReceiptForm) -> Flowable:
    number = Paragraph(
        f'{LABELS["receipt_number"]}: <font name="{_BOLD}">{escape(form.receipt_number)}</font>', _CENTRED
    )
    return Table(
        [[[_text(TITLE, _TITLE), number], _QrCode(form.receipt_number)]],
        colWidths=[_WIDTH - _QR_SIZE - 4 * mm, _QR_SIZE + 4 * mm],
        style=[("VALIGN", (0, 0), (-1, -1), "MIDDLE")],
    )


def _paragraphs(lines: Iterable[Line]) -> Iterator[Flowable]:
    for label, value in lines:
        yield _text(f"{label}: {value}", _BODY)


def _documents(form: ReceiptForm) -> Flowable:
    rows = [[_text(name, _HEAD) for name in DOCUMENT_HEADER]]
    for number, document in enumerate(form.documents, start=1):
        cells = (str(number), document.name, document.form, str(document.copies))
        rows.append([_text(cell, _CELL) for cell in cells])
    return Table(
        rows,
        colWidths=[12 * mm, _WIDTH - 76 * mm, 44 * mm, 20 * mm],
        repeatRows=1,
        style=[("GRID", (0, 0), (-1, -1), 0.5, black), ("VALIGN", (0, 0), (-1, -1), "TOP")],
    )


def _signatures() -> Flowable:
    cells = [[_text(name, _STRONG), _text(SIGN_HERE, _CENTRED)] for name in SIGNATURES]
    return KeepTogether([Spacer(1, 6 * mm), Table([cells], colWidths=[_WIDTH / 2] * 2), Spacer(1, 24 * mm)])


def _text(text: str, style: ParagraphStyle) -> Paragraph:
    """Set a text that is only text: whatever looks like markup in it is shown as it is."""
    return Paragraph(escape(text, quote=False), style)


class _QrCode(Flowable):
    """Draws the code of a receipt number as squares, sharp at any size."""

    def __init__(self, receipt_number: str) -> None:
        super().__init__()
        self._rows = qr_code(receipt_number).matrix
        self.width = self.height = _QR_SIZE

    def draw(self) -> None:
        """Draw on the canvas that the library puts here; its origin is below on the left."""
        side = _QR_SIZE / len(self._rows)
        for number, row in enumerate(self._rows, start=1):
            for column, is_dark in enumerate(row):
                if is_dark:
                    # A hair larger, so that no white line shows between neighbours.
                    self.canv.rect(
                        column * side, _QR_SIZE - number * side, side + 0.05, side + 0.05, stroke=0, fill=1
                    )
