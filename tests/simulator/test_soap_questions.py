import httpx
import pytest

from tests.simulator.asking import (
    CODES,
    HOUSEHOLD,
    SHARE,
    VERIFY,
    Element,
    ask,
    changed,
    elements,
    envelope,
    fault,
    members,
    post,
    signed,
)
from tests.simulators import RunningSimulator

OPTIONAL: list[Element] = [("TaiKhoan", "receiver"), ("SoDienThoai", "0")]


def _swapped(listed: list[Element], at: int) -> list[Element]:
    return [*listed[:at], listed[at + 1], listed[at], *listed[at + 2 :]]


def _after(listed: list[Element], name: str, *more: Element) -> list[Element]:
    at = [known for known, _ in listed].index(name) + 1
    return [*listed[:at], *more, *listed[at:]]


WRONG = {
    "without MaYeuCau": changed(elements(), MaYeuCau=None),
    "empty MaYeuCau": changed(elements(), MaYeuCau=""),
    "without MaDVC": changed(elements(), MaDVC=None),
    "another MaTichHop": changed(elements(), MaTichHop="003"),
    "without MaTichHop": changed(elements(), MaTichHop=None),
    "without MaCanBo": changed(elements(), MaCanBo=None),
    "short MaCanBo": changed(elements(), MaCanBo="10018500090"),
    "MaCanBo in other digits": changed(elements(), MaCanBo="١٠٠١٨٥٠٠٠٩٠١"),
    "without a number": changed(elements(), SoDinhDanh=None),
    "short number": changed(elements(), SoDinhDanh="10019000001"),
    "old number as SoDinhDanh": changed(elements(), SoDinhDanh="000000101"),
    "both numbers": _after(elements(), "SoDinhDanh", ("SoCMND", "000000101")),
    "without a name": changed(elements(), HoVaTen=None),
    "empty name": changed(elements(), HoVaTen=""),
    "name in lower case": changed(elements(), HoVaTen="Nguyễn Thị Minh Ngọc"),
    "name with two blanks": changed(elements(), HoVaTen="NGUYỄN  THỊ MINH NGỌC"),
    "decomposed name": changed(elements(), HoVaTen="NGUYE\u0302\u0303N THI\u0323 MINH NGO\u0323C"),
    "without a date": changed(elements(), NgayThangNamSinh=None),
    "empty date": changed(elements(), NgayThangNamSinh=[]),
    "day and year": changed(elements(), NgayThangNamSinh=[("NgayThangNam", "19900730"), ("Nam", "1990")]),
    "day that no calendar has": changed(elements(), NgayThangNamSinh=[("NgayThangNam", "19900230")]),
    "day with hyphens": changed(elements(), NgayThangNamSinh=[("NgayThangNam", "1990-07-30")]),
    "month": changed(elements(), NgayThangNamSinh=[("NgayThangNam", "199007")]),
    "year of two digits": changed(elements(), NgayThangNamSinh=[("Nam", "90")]),
    "unknown element": [*elements(), ("GhiChu", "1")],
    "members of no household": [*elements(), members("100088000002")],
    "MaYeuCau after MaDVC": _swapped(elements(), 0),
    "MaCanBo before MaTichHop": _swapped(elements(), 2),
    "name before number": _swapped(elements(), 5),
    "date before name": _swapped(elements(), 6),
    "telephone before account": _after(elements(), "MaDonVi", *reversed(OPTIONAL)),
}


@pytest.mark.parametrize("listed", WRONG.values(), ids=WRONG)
def test_a_question_that_breaks_a_rule_is_refused_and_the_rule_told(
    ndxp: RunningSimulator, listed: list[Element]
) -> None:
    answer = post(ndxp, envelope(listed))
    assert answer.status_code == 500
    assert fault(answer).endswith(": 01")
    assert "NGUY" not in answer.text
    assert "100190000001" not in answer.text


GOOD_BODY = envelope(elements()).decode()
BODIES = {
    "nothing": "",
    "no XML": "{}",
    "half": GOOD_BODY[:200],
    "document type": '<!DOCTYPE a [<!ENTITY b "c">]>' + GOOD_BODY,
    "comment": GOOD_BODY.replace("<dan:MaDVC>", "<!-- c --><dan:MaDVC>"),
    "instruction": GOOD_BODY.replace("<dan:MaDVC>", "<?a b?><dan:MaDVC>"),
    "text between elements": GOOD_BODY.replace("<dan:MaDVC>", "text<dan:MaDVC>"),
    "attribute": GOOD_BODY.replace("<dan:MaDVC>", '<dan:MaDVC a="1">'),
    "SOAP 1.2": GOOD_BODY.replace("schemas.xmlsoap.org/soap/envelope/", "www.w3.org/2003/05/soap-envelope"),
    "no envelope": "<a/>",
    "empty body": '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body/></e:Envelope>',
    "another namespace": envelope(elements(), namespace="http://gtel.vn/qldc").decode(),
    "element of no namespace": GOOD_BODY.replace("dan:MaDVC>", "MaDVC>"),
    "unknown operation": envelope(elements(), "XacMinhThongTinNhanThan").decode(),
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_a_body_that_is_no_question_is_refused(ndxp: RunningSimulator, body: str) -> None:
    answer = post(ndxp, body.encode())
    assert answer.status_code == 500
    assert fault(answer).endswith(": 01")


@pytest.mark.parametrize("content_type", ["application/json", "application/soap+xml", "text/plain", ""])
def test_another_content_type_is_refused(ndxp: RunningSimulator, content_type: str) -> None:
    headers = signed(ndxp) | {"Content-Type": content_type}
    assert fault(post(ndxp, envelope(elements()), headers)).startswith("Content-Type")


@pytest.mark.parametrize("content_type", ["application/xml", "text/xml; charset=utf-8"])
def test_both_names_of_xml_are_taken(ndxp: RunningSimulator, content_type: str) -> None:
    assert post(ndxp, envelope(elements()), signed(ndxp) | {"Content-Type": content_type}).status_code == 200


def test_a_request_id_is_taken_once(ndxp: RunningSimulator) -> None:
    body = envelope(elements())
    assert post(ndxp, body).status_code == 200
    assert fault(post(ndxp, body)).startswith("MaYeuCau was there before")
    ndxp.behave(unique_request_ids=False)
    assert post(ndxp, body).status_code == 200


@pytest.mark.parametrize("operation", [VERIFY, SHARE])
def test_account_and_telephone_have_their_place_behind_the_unit(
    ndxp: RunningSimulator, operation: str
) -> None:
    listed = _after(elements(operation), "MaDonVi", *OPTIONAL)
    assert post(ndxp, envelope(listed, operation)).status_code == 200
    assert post(ndxp, envelope(changed(elements(operation), MaDonVi=None), operation)).status_code == 200


@pytest.mark.parametrize("operation", CODES)
def test_each_operation_has_its_own_code(ndxp: RunningSimulator, operation: str) -> None:
    ask(ndxp, operation)
    wrong = changed(elements(operation), MaTichHop="999")
    assert fault(post(ndxp, envelope(wrong, operation))).startswith("MaTichHop")


@pytest.mark.parametrize(
    "listed",
    [
        changed(elements(HOUSEHOLD), DanhSachThanhVien=None),
        changed(elements(HOUSEHOLD), MaDonVi=None),
        _after(elements(HOUSEHOLD), "MaDonVi", *OPTIONAL),
        changed(elements(HOUSEHOLD), DanhSachThanhVien=[("SoDinhDanh", "100088000002")]),
        changed(elements(HOUSEHOLD), DanhSachThanhVien=[("ThanhVien", [])]),
        changed(
            elements(HOUSEHOLD),
            DanhSachThanhVien=[("ThanhVien", [("SoDinhDanh", "100088000002"), ("HoVaTen", "A")])],
        ),
    ],
    ids=["no list", "no unit", "account", "number outside a member", "empty member", "member with a name"],
)
def test_a_question_about_a_household_is_read_as_strictly(
    ndxp: RunningSimulator, listed: list[Element]
) -> None:
    assert fault(post(ndxp, envelope(listed, HOUSEHOLD))).endswith(": 01")


def test_a_record_by_number_alone_needs_the_operators_word(ndxp: RunningSimulator) -> None:
    def by_number(operation: str) -> httpx.Response:
        listed = changed(elements(operation), HoVaTen=None, NgayThangNamSinh=None)
        return post(ndxp, envelope(listed, operation))

    assert by_number(SHARE).status_code == 500
    ndxp.behave(number_alone=True)
    assert by_number(SHARE).status_code == 200
    assert by_number(VERIFY).status_code == 500
    half = changed(elements(), NgayThangNamSinh=None)
    assert post(ndxp, envelope(half)).status_code == 500


def test_only_post_to_the_one_path_is_answered(ndxp: RunningSimulator) -> None:
    answer = httpx.get(ndxp.settings["npd_url"], trust_env=False)
    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")
    assert post(ndxp, envelope(elements()), path="/").status_code == 404
    assert httpx.post(f"{ndxp.base_url}/", trust_env=False).status_code == 404
