"""A failure is never an answer: whatever cannot be understood raises, and a refusal is told from it."""

import contextlib
import json
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.adapters.population.port import HeadResult
from app.adapters.population.upstream import Wire
from app.errors import PopulationDatabaseError, PopulationDatabaseRefusedError
from tests.claims import make_claim, numbers
from tests.unit.population.wire.bodies import RECORD, collection, make_wire, soap

Read = Callable[[Wire, bytes], object]

READERS: dict[str, Read] = {
    "verification": lambda wire, body: wire.read_verification(body, make_claim()),
    "record": lambda wire, body: wire.read_record(body, make_claim()),
    "record by number": lambda wire, body: wire.read_record_by_number(body, numbers("100190000001")[0]),
    "household": lambda wire, body: wire.read_household(body, make_claim(), ()),
}

every_reader = pytest.mark.parametrize("read", READERS.values(), ids=list(READERS))


def lookup_response(inside: str) -> bytes:
    return soap(f"<TraCuuThongTinCongDanResponse>{inside}</TraCuuThongTinCongDanResponse>")


def verification_response(inside: str) -> bytes:
    return soap(f"<XacThucThongTinCongDanResponse>{inside}</XacThucThongTinCongDanResponse>")


def fault(code: str = "Server", text: str = "x", detail: str = "") -> bytes:
    return soap(f"<Fault><faultcode>{code}</faultcode><faultstring>{text}</faultstring>{detail}</Fault>")


DTD = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
DEEP = 100_000

GARBAGE = {
    "nothing": b"",
    "text": b"502 Bad Gateway",
    "html": b"<html><body>x</body></html>",
    "an envelope without a body": b'<Envelope xmlns="http://schemas.xmlsoap.org/soap/envelope/"/>',
    "an empty body": b"<Envelope><Body/></Envelope>",
    "another answer": soap("<KetQuaKhac>1</KetQuaKhac>"),
    "another operation's count": soap("<SoLuongCongDan>0</SoLuongCongDan>"),
    "a count that is none": verification_response("<SoLuongCongDan>một</SoLuongCongDan>"),
    "a failure in place of a count": verification_response("<MoTaLoi>Loi he thong</MoTaLoi>"),
    "a failure beside an empty count": verification_response(
        "<SoLuongCongDan/><MoTaLoi>Loi he thong</MoTaLoi>"
    ),
    "a failure of another form in place of a count": verification_response(
        "<return><code>500</code><message>x</message></return>"
    ),
    "a text in place of a count": verification_response("Loi he thong"),
    "a yes in place of a count": verification_response("<return>true</return>"),
    "a yes beside a code of success": verification_response("<MaLoi>00</MaLoi><return>true</return>"),
    "a text beside a code of success": verification_response("Loi he thong<MaLoi>00</MaLoi>"),
    "a record of another name beside a code of success": soap(
        f"<MaLoi>00</MaLoi><CongdanCollection><Congdan>{RECORD}</Congdan></CongdanCollection>"
    ),
    "a failure in a verification's collection": verification_response(
        '<CongdanCollection SoCongDan="0"><MoTaLoi>x</MoTaLoi></CongdanCollection>'
    ),
    "a collection that counts one in place of a count": verification_response(
        '<CongdanCollection SoCongDan="1"/>'
    ),
    "a person without a name": collection("<SoDinhDanh>100190000001</SoDinhDanh>"),
    "a date that cannot be": collection(RECORD.replace("19900730", "19901330")),
    "a date that is none": collection(RECORD.replace("19900730", "hôm qua")),
    "a harmless document type": b"<!DOCTYPE x>" + collection(RECORD).partition(b"?>")[2],
    "an entity bomb": DTD + b"<Envelope><Body><TonTai>&b;</TonTai></Body></Envelope>",
    "a foreign file": b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><Envelope><Body>&a;</Body></Envelope>',
    "utf-16 document type": '<!DOCTYPE x [<!ENTITY a "b">]><Envelope><Body/></Envelope>'.encode("utf-16"),
    "nested too deeply": b"<a>" * DEEP + b"</a>" * DEEP,
    "a failure in a collection": soap(
        "<CongdanCollection><MoTaLoi>Loi he thong</MoTaLoi></CongdanCollection>"
    ),
    "a failure in a response": lookup_response(
        "<return><code>500</code><message>x</message></return>"
    ),
    "a failure beside an empty record": soap(
        "<CongdanCollection><CongDan/><MoTaLoi>Loi he thong</MoTaLoi></CongdanCollection>"
    ),
    "a failure beside a record without a name": soap(
        "<CongdanCollection><CongDan><HoVaTen/><GioiTinh>0</GioiTinh></CongDan><MoTaLoi>x</MoTaLoi></CongdanCollection>"
    ),
    "a failure beside an empty collection": lookup_response(
        "<CongdanCollection/><MoTaLoi>Loi he thong</MoTaLoi>"
    ),
    "a failure beside an empty record's collection": soap(
        "<CongdanCollection><CongDan/></CongdanCollection><MoTaLoi>Loi he thong</MoTaLoi>"
    ),
    "one person and no record": soap('<CongdanCollection SoCongDan="1" Id="1"/>'),
    "a fault": fault(),
    "an error code": soap("<MaLoi>01</MaLoi><CongdanCollection/>"),
}  # fmt: skip


@every_reader
@pytest.mark.parametrize("name", GARBAGE)
def test_garbage_is_an_error_and_is_not_quoted(read: Read, name: str) -> None:
    with pytest.raises(PopulationDatabaseError) as raised:
        read(make_wire(), GARBAGE[name])
    assert type(raised.value) is PopulationDatabaseError
    assert "100190000001" not in repr(raised.value.__cause__)


JSON_GARBAGE = {
    "nothing": b"",
    "a list": b"[]",
    "no data": b'{"message": "ok"}',
    "a name twice": b'{"data": true, "data": false}',
    "not a number": b'{"data": {"tonTai": NaN}}',
    "not utf-8": b'{"data": "\xff"}',
    "nested too deeply": b'{"data":' * 60 + b"1" + b"}" * 60,
    "nested far too deeply": b"[" * DEEP,
    "half a character": b'{"data": {"hoVaTen": {"ten": "A\\ud800"}}}',
    "half a character beside a yes": b'{"data": true, "ghiChu": "\\uDFFF"}',
    "half a character in a name": b'{"data": {"tonTai": true, "laChuHo": true, "\\ud83d": 1}}',
    "a text for data": b'{"data": "yes"}',
    "something else": b'{"data": {"x": 1}}',
    "a list of nothing": b'{"data": []}',
    "a list of nulls": b'{"data": [null]}',
    "a blank text": b'{"data": " "}',
    "a failure beside an empty record": b'{"data": {"congDan": null, "moTaLoi": "Loi he thong"}}',
    "a failure within a success": b'{"error_code": "00", "data": {"congDan": null, "moTaLoi": "Loi"}}',
    "no success": b'{"success": false, "message": "x", "data": null}',
    "an error": b'{"error_code": "01", "data": null}',
}


@every_reader
@pytest.mark.parametrize("name", JSON_GARBAGE)
def test_json_garbage_is_an_error(read: Read, name: str) -> None:
    with pytest.raises(PopulationDatabaseError) as raised:
        read(make_wire("lgsp-json"), JSON_GARBAGE[name])
    assert type(raised.value) is PopulationDatabaseError


def test_one_person_whose_record_is_empty_is_garbage() -> None:
    body = soap('<CongdanCollection SoCongDan="1"><CongDan/></CongdanCollection>')
    with pytest.raises(PopulationDatabaseError):
        make_wire().read_record(body, make_claim())


REFUSALS = {
    "fault code": fault("soap:Server.004"),
    "fault code alone": fault("005"),
    "fault string": fault(text="Can bo khong co quyen: 005"),
    "fault detail": fault(detail="<detail><MaLoi>004</MaLoi></detail>"),
    "beside the result": soap(f"<MaLoi>005</MaLoi><CongDan>{RECORD}</CongDan>"),
    "instead of it": soap("<error_code>004</error_code>"),
}  # fmt: skip


@every_reader
@pytest.mark.parametrize("name", REFUSALS)
def test_a_refusal_is_told_in_whichever_form_it_comes(read: Read, name: str) -> None:
    with pytest.raises(PopulationDatabaseRefusedError):
        read(make_wire(), REFUSALS[name])
    with pytest.raises(PopulationDatabaseRefusedError):
        make_wire().raise_refusal(REFUSALS[name])


@pytest.mark.parametrize("code", ["004", "005"])
@pytest.mark.parametrize("beside", [{}, {"data": None}, {"data": []}, {"success": False, "data": ""}])
def test_a_refusal_in_json_is_told(code: str, beside: dict[str, object]) -> None:
    body = json.dumps({"error_code": code, "message": "x"} | beside).encode()
    with pytest.raises(PopulationDatabaseRefusedError):
        make_wire("lgsp-json").raise_refusal(body)


@pytest.mark.parametrize(
    "body",
    [
        *GARBAGE.values(),
        collection(RECORD),
        fault(text="1004"),
        fault(text="0045"),
        fault(text="Loi luc 2026-11-29T10:00:00.005"),
        fault(text="Loi luc 10:00:004"),
        fault(text="Khong ket noi duoc 10.0.0.004"),
        fault(detail="<detail><stack>Request 005</stack></detail>"),
    ],
)
def test_what_is_no_refusal_is_left_to_the_status(body: bytes) -> None:
    make_wire().raise_refusal(body)


@given(st.binary(max_size=300), st.sampled_from(list(READERS)), st.sampled_from(["ndxp-soap", "lgsp-json"]))
def test_random_bytes_are_never_an_answer(body: bytes, reader: str, profile: str) -> None:
    with pytest.raises(PopulationDatabaseError):
        READERS[reader](make_wire(profile), body)  # type: ignore[arg-type] # one of the two profiles


@given(st.integers(min_value=0, max_value=len(collection(RECORD)) - 1), st.sampled_from(list(READERS)))
def test_a_truncated_answer_is_never_an_answer(end: int, reader: str) -> None:
    with pytest.raises(PopulationDatabaseError):
        READERS[reader](make_wire(), collection(RECORD)[:end])


@given(st.data())
def test_a_household_answer_with_a_flipped_byte_never_turns_a_member_away(data: st.DataObject) -> None:
    number = "100000000001"
    body = bytearray(
        soap(
            "<XacMinhThongTinChuHoResponse><LaChuHo>true</LaChuHo><TonTai>true</TonTai><DanhSachThanhVien><ThanhVien>"
            f"<SoDinhDanh>{number}</SoDinhDanh><LaThanhVien>true</LaThanhVien></ThanhVien></DanhSachThanhVien>"
            "</XacMinhThongTinChuHoResponse>"
        )
    )
    place = data.draw(st.integers(0, len(body) - 1))
    # A digit could make another's truth value of "1" and "0"; the answer has none, so any letter may come.
    body[place] = data.draw(st.sampled_from(b"<>/&x \x00\xff"))
    with contextlib.suppress(PopulationDatabaseError):
        answer = make_wire().read_household(bytes(body), make_claim(), tuple(numbers(number)))
        assert (answer.head, answer.members[0].value) in {
            (HeadResult.CONFIRMED, "member"),
            (HeadResult.CONFIRMED, "unknown"),
        }
