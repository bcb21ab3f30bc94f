"""The printed receipt of a case over HTTP, as a page and as a PDF."""

import asyncio
import hashlib
import re
import unicodedata
from base64 import b64encode
from html.parser import HTMLParser
from io import BytesIO
from typing import Any

import httpx
import pytest
import segno
from pypdf import PdfReader

from tests.api.case_forms import NUMBER, register
from tests.api.conftest import Ask

pytestmark = pytest.mark.anyio

PDF = {"Accept": "application/pdf"}
# Every Vietnamese letter in both cases.
VOWELS = [
    f"{vowel}{tone}"
    for vowel in "aăâeêioôơuưy"
    for tone in ("", "\u0300", "\u0309", "\u0303", "\u0301", "\u0323")
]
LETTERS = [unicodedata.normalize("NFC", letter) for letter in (*VOWELS, *"bcdđghklmnpqrstvx")]
ALPHABET = [*LETTERS, *(letter.upper() for letter in LETTERS)]


class Words(HTMLParser):
    """Collects what a reader of a page sees, and the elements that it has."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.elements: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add(tag)
        assert not [name for name, _ in attrs if name.startswith("on") or name in {"src", "href", "style"}]

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


async def receipt(ask: Ask, number: str = NUMBER, name: str = "receiver", **headers: str) -> httpx.Response:
    answer = await ask(name, "GET", f"/cases/{number}/receipt", headers=headers)
    assert answer.status_code == 200, answer.text
    return answer


async def as_text(ask: Ask, number: str = NUMBER) -> tuple[str, str]:
    """Read the page and the PDF, blanks and line ends made single blanks."""
    page = " ".join(Words((await receipt(ask, number)).text).texts)
    pdf = (await receipt(ask, number, **PDF)).content
    written = "\n".join(sheet.extract_text() for sheet in PdfReader(BytesIO(pdf)).pages)
    return " ".join(page.split()), " ".join(written.split())


FULL: dict[str, Any] = {
    "applicant": {"phone": "0912 345 678", "email": "ngoc@example.vn", "address": "Số 1, phường Thử Nghiệm"},
    "organization_name": "Công ty TNHH Thử Nghiệm",
    "documents": [
        {"name": "Tờ khai", "copies": 1, "form": "original"},
        {"name": "Giấy khai sinh", "copies": 2, "form": "certified_copy"},
    ],
}


async def test_page_and_pdf_hold_every_field_of_the_form(ask: Ask) -> None:
    await register(ask, **FULL)
    for text in await as_text(ask):
        for wanted in (
            "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
            "Độc lập - Tự do - Hạnh phúc",
            "Bộ phận Tiếp nhận và Trả kết quả",
            "Số: 0001/TNHS",
            "GIẤY TIẾP NHẬN HỒ SƠ VÀ HẸN TRẢ KẾT QUẢ",
            f"Mã hồ sơ: {NUMBER}",
            "NGUYỄN THỊ MINH NGỌC",
            "Công ty TNHH Thử Nghiệm",
            "Số 1, phường Thử Nghiệm",
            "0912 345 678",
            "ngoc@example.vn",
            "Đăng ký tạm trú (1.004194)",
            "1 Tờ khai Bản chính 1",
            "2 Giấy khai sinh Bản sao chứng thực 2",
            "01 (bộ)",
            "3 ngày làm việc",
            "12 giờ 00 phút, ngày 23 tháng 11 năm 2026",
            "11 giờ 30 phút, ngày 27 tháng 11 năm 2026",
            "Đăng ký nhận kết quả tại",
            "Số thứ tự: 0001",
            "NGƯỜI NỘP HỒ SƠ",
            "NGƯỜI TIẾP NHẬN HỒ SƠ",
        ):
            assert wanted in text, wanted
        assert "ủy ban nhân dân phường thử nghiệm" in text.lower()
        # The form does not ask for it, so it does not lie about on paper.
        assert "100190000001" not in text


async def test_every_vietnamese_letter_stands_in_the_pdf_with_its_glyph(ask: Ask) -> None:
    names = [" ".join(ALPHABET[start : start + 90]) for start in (0, 90)]
    documents = [{"name": name, "copies": 1, "form": "copy"} for name in names]
    # Taken apart, as some keyboards send them.
    apart = [{"name": unicodedata.normalize("NFD", " ".join(LETTERS[:70])), "copies": 1, "form": "copy"}]
    await register(ask, documents=documents + apart)
    pdf = (await receipt(ask, **PDF)).content
    reader = PdfReader(BytesIO(pdf))
    text = " ".join("".join(sheet.extract_text() for sheet in reader.pages).split())
    assert [letter for letter in ALPHABET if letter not in text] == []
    resources: Any = reader.pages[0]["/Resources"]
    fonts = [font.get_object() for font in resources["/Font"].values()]
    embedded = [font for font in fonts if "/FontFile2" in font.get("/FontDescriptor", {})]
    assert {re.sub("^.*\\+", "", font["/BaseFont"]) for font in embedded} == {
        "DejaVuSerifCondensed",
        "DejaVuSerifCondensed-Bold",
    }


async def test_what_is_not_known_is_left_to_fill_in(ask: Ask) -> None:
    await register(ask)
    for text in await as_text(ask):
        for label in ("Địa chỉ", "Số điện thoại", "Email", "Đăng ký nhận kết quả tại"):
            assert re.search(rf"{label}:? ?\.{{20,}}", text), label


async def test_an_online_case_says_that_it_waits_to_be_received(ask: Ask) -> None:
    number = (await register(ask, "portal", agency_code="H24.15", channel="online"))["receipt_number"]
    for text in await as_text(ask, number):
        assert "Chờ tiếp nhận" in text
    body = {"to": "rejected", "note": "thiếu giấy tờ"}
    await ask("receiver", "POST", f"/cases/{number}/status", json=body)
    for text in await as_text(ask, number):
        assert "Hồ sơ không được tiếp nhận" in text


async def test_hostile_texts_are_only_text(ask: Ask) -> None:
    texts = [
        "<script>alert(1)</script>",
        '"><img src=x onerror=alert(1)>',
        "{{ 7*7 }} {% raw %}",
        "<b>&amp; <font size=99>",
        "</style><para>",
        "x" * 300,
    ]
    await register(
        ask,
        organization_name="<b>A & B</b> {{ form }}",
        documents=[{"name": text, "copies": 1, "form": "copy"} for text in texts],
    )
    answer = await receipt(ask)
    words = Words(answer.text)
    assert words.elements.isdisjoint({"script", "img", "b", "font", "para"})
    page, pdf = await as_text(ask)
    for text in ("<b>A & B</b> {{ form }}", *texts[:5]):
        assert text in page
        assert "".join(text.split()) in "".join(pdf.split())
    assert "x" * 300 in "".join(pdf.split())


async def test_a_hundred_long_documents_flow_over_pages(ask: Ask) -> None:
    documents = [{"name": "Ễ" * 299 + f"{number % 10}", "copies": 1, "form": "copy"} for number in range(100)]
    await register(ask, documents=documents)
    reader = PdfReader(BytesIO((await receipt(ask, **PDF)).content))
    assert len(reader.pages) > 5
    # The table's head stands on each of its pages.
    assert sum("Tên giấy tờ" in sheet.extract_text() for sheet in reader.pages) >= len(reader.pages) - 1


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("*/*", "text/html"),
        ("text/html", "text/html"),
        ("application/pdf", "application/pdf"),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "text/html"),
        ("application/pdf;q=0.5, text/html", "text/html"),
        ("text/html;q=0.5, application/pdf", "application/pdf"),
        ("application/json", "text/html"),
    ],
)
async def test_the_form_is_chosen_by_accept(ask: Ask, accept: str, media_type: str) -> None:
    await register(ask)
    answer = await receipt(ask, Accept=accept)
    assert answer.headers["content-type"].partition(";")[0] == media_type
    assert answer.headers["vary"] == "Accept"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_the_page_may_load_and_run_nothing_but_its_own_style(ask: Ask) -> None:
    await register(ask)
    answer = await receipt(ask)
    style = re.search("<style>(.*?)</style>", answer.text, re.DOTALL)
    assert style is not None
    digest = b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    policy = answer.headers["content-security-policy"]
    assert policy.startswith(f"default-src 'none'; style-src 'sha256-{digest}';")
    assert "unsafe" not in policy


async def test_the_pdf_is_named_after_the_case(ask: Ask) -> None:
    await register(ask)
    answer = await receipt(ask, **PDF)
    assert answer.headers["content-disposition"] == f'inline; filename="{NUMBER}.pdf"'
    assert PdfReader(BytesIO(answer.content)).metadata.title == NUMBER  # type: ignore[union-attr]


async def test_the_code_on_the_page_is_the_receipt_numbers(ask: Ask) -> None:
    await register(ask)
    drawn = segno.make(NUMBER, error="q", micro=False).svg_inline(scale=3, border=2)
    assert drawn in (await receipt(ask)).text


async def test_a_case_out_of_reach_has_no_receipt(ask: Ask) -> None:
    await register(ask)
    for name, number in (("receiver2", NUMBER), ("receiver", "H24.15-261123-0002"), ("receiver", "changes")):
        answer = await ask(name, "GET", f"/cases/{number}/receipt")
        assert answer.status_code == 404
    for name in ("auditor", "admin"):
        assert (await ask(name, "GET", f"/cases/{NUMBER}/receipt")).status_code == 403


async def test_many_receipts_asked_for_at_once_are_each_as_they_should_be(ask: Ask) -> None:
    documents = [{"name": " ".join(ALPHABET[:90]), "copies": 1, "form": "copy"}]
    numbers = [(await register(ask, documents=documents))["receipt_number"] for _ in range(4)]
    printed = await asyncio.gather(*(receipt(ask, number, **PDF) for number in numbers * 12))
    for number, answer in zip(numbers * 12, printed, strict=True):
        text = "".join(page.extract_text() for page in PdfReader(BytesIO(answer.content)).pages)
        assert number in text
        assert [letter for letter in ALPHABET[:90] if letter not in text] == []
