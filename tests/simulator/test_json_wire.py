"""The JSON wire of an LGSP, asked by hand."""

import json
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.simulator.asking import bearer, post
from tests.simulators import RunningSimulator, running_simulator

VERIFY, SHARE, HOUSEHOLD = "/xac-thuc-cong-dan", "/tra-cuu-cong-dan", "/xac-minh-chu-ho"
HOA = {"soDinhDanh": "100088000002"}


def question(**changes: Any) -> dict[str, Any]:
    """Make a good question about Ngọc; members that become None are left out."""
    members = {
        "maYeuCau": str(uuid4()),
        "maDVC": "1.004194",
        "maCanBo": "100185000901",
        "soDinhDanh": "100190000001",
        "hoVaTen": "NGUYỄN THỊ MINH NGỌC",
        "ngayThangNam": "19900730",
    } | changes
    return {name: value for name, value in members.items() if value is not None}


def send(simulator: RunningSimulator, path: str, body: object) -> httpx.Response:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return post(simulator, content, bearer(simulator, "application/json"), path=path)


def answer(simulator: RunningSimulator, path: str, **changes: Any) -> Any:
    told = send(simulator, path, question(**changes))
    assert told.status_code == 200, told.text
    return told.json()["data"]


def test_a_verification_is_a_yes_or_no_or_the_reduced_record(lgsp_json: RunningSimulator) -> None:
    assert answer(lgsp_json, VERIFY)["soDinhDanh"] == "100190000001"
    assert answer(lgsp_json, VERIFY, hoVaTen="TRẦN VĂN A") is False
    lgsp_json.behave(verify="exists")
    assert answer(lgsp_json, VERIFY) is True
    assert answer(lgsp_json, VERIFY, ngayThangNam="1991") is False


def test_the_service_code_has_one_name_whatever_it_is_in_soap(tmp_path: Path) -> None:
    option = ("--verify-service-element", "MaDichVu")
    with running_simulator("lgsp-json", tmp_path, *option) as simulator:
        assert answer(simulator, VERIFY)["soDinhDanh"] == "100190000001"


def test_a_record_has_the_names_of_shape_a_in_camel_case(lgsp_json: RunningSimulator) -> None:
    record = answer(lgsp_json, SHARE)
    assert record["hoVaTen"] == {"ho": "", "chuDem": "", "ten": "NGUYỄN THỊ MINH NGỌC"}
    assert (record["gioiTinh"], record["danToc"], record["quocTich"]) == ("2", "01", "VN")
    assert record["ngayThangNamSinh"] == {"nam": "1990", "ngayThangNam": "19900730"}
    assert record["thuongTru"].keys() == {"maTinhThanh", "maQuanHuyen", "maPhuongXa", "chiTiet", "quocGia"}
    assert record["voChong"]["hoVaTen"] == "TRẦN VĂN HÒA"
    assert record["chuHo"]["quanHe"] == "CH01"
    assert answer(lgsp_json, SHARE, ngayThangNam="1991") is None


def test_a_name_can_come_in_parts_and_nobody_without_a_name(lgsp_json: RunningSimulator) -> None:
    lgsp_json.behave(name="split", not_found="nameless")
    assert answer(lgsp_json, SHARE)["hoVaTen"] == {"ho": "NGUYỄN", "chuDem": "THỊ MINH", "ten": "NGỌC"}
    nobody = answer(lgsp_json, SHARE, hoVaTen="TRẦN VĂN A")
    assert nobody == {"hoVaTen": {"ho": "", "chuDem": "", "ten": ""}}


def test_a_household_tells_of_each_member(lgsp_json: RunningSimulator) -> None:
    members = [HOA, {"soCMND": "000000999"}]
    told = answer(lgsp_json, HOUSEHOLD, danhSachThanhVien=members)
    assert (told["tonTai"], told["laChuHo"]) == (True, True)
    assert told["danhSachThanhVien"] == [
        {"soDinhDanh": "100088000002", "laThanhVien": True},
        {"soCMND": "000000999", "laThanhVien": False},
    ]
    lgsp_json.behave(household_record=False)
    assert "congDan" not in answer(lgsp_json, HOUSEHOLD, danhSachThanhVien=members)


def test_a_record_by_number_alone_must_have_been_allowed(lgsp_json: RunningSimulator) -> None:
    alone = question(hoVaTen=None, ngayThangNam=None)
    assert send(lgsp_json, SHARE, alone).status_code == 400
    lgsp_json.behave(number_alone=True)
    assert send(lgsp_json, SHARE, question(hoVaTen=None, ngayThangNam=None)).status_code == 200
    assert send(lgsp_json, VERIFY, question(hoVaTen=None, ngayThangNam=None)).status_code == 400


WRONG = {
    "an unknown member": (question(cccd="1"), "holds something unknown"),
    "no request id": (question(maYeuCau=None), "maYeuCau is missing"),
    "no service": (question(maDVC=None), "maDVC is missing"),
    "no officer": (question(maCanBo=None), "maCanBo is missing"),
    "a short officer": (question(maCanBo="10018500090"), "MaCanBo"),
    "no number": (question(soDinhDanh=None), "not exactly one"),
    "both numbers": (question(soCMND="000000101"), "not exactly one"),
    "nine digits as the new number": (question(soDinhDanh="000000101"), "SoDinhDanh"),
    "a number for a text": (question(maDVC=1), "maDVC is no text"),
    "a name in lower case": (question(hoVaTen="nguyễn thị minh ngọc"), "form that is expected"),
    "no such day": (question(ngayThangNam="19900231"), "no day of the calendar"),
    "a day in our form": (question(ngayThangNam="1990-07-30"), "yyyyMMdd"),
    "another operation's code": (question(maTichHop="003"), "maTichHop"),
    "a list": ([], "no object"),
    "no JSON": (b"{", "not JSON"),
    "a member twice": (b'{"maYeuCau": "1", "maYeuCau": "2"}', "twice"),
    "a constant that is no JSON": (b'{"maYeuCau": NaN}', "NaN"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_question_that_breaks_a_rule_is_refused_with_the_rule(
    lgsp_json: RunningSimulator, name: str
) -> None:
    body, rule = WRONG[name]
    refused = send(lgsp_json, SHARE, body)
    assert (refused.status_code, refused.json()["error_code"]) == (400, "01")
    assert rule in refused.json()["message"]


@pytest.mark.parametrize(
    "members", [None, "many", [1], [{}], [HOA | {"soCMND": "000000102"}], [HOA | {"ten": "x"}], [HOA] * 101]
)
def test_members_that_are_none_are_refused(lgsp_json: RunningSimulator, members: object) -> None:
    assert send(lgsp_json, HOUSEHOLD, question(danhSachThanhVien=members)).status_code == 400


def test_a_request_id_counts_once(lgsp_json: RunningSimulator) -> None:
    same = question()
    assert [send(lgsp_json, VERIFY, same).status_code for _ in range(2)] == [200, 400]


def test_only_the_paths_and_the_method_of_the_wire_are_known(lgsp_json: RunningSimulator) -> None:
    assert send(lgsp_json, "/khac", question()).status_code == 404
    url = lgsp_json.settings["npd_url"] + VERIFY
    turned_away = httpx.get(url, headers=bearer(lgsp_json), trust_env=False)
    assert (turned_away.status_code, turned_away.headers["allow"]) == (405, "POST")


@pytest.mark.parametrize(("fault", "code"), [("refused-004", "004"), ("refused-005", "005")])
def test_a_refusal_comes_with_an_error_or_in_an_answer(
    lgsp_json: RunningSimulator, fault: str, code: str
) -> None:
    for refusal, status in (("fault", 403), ("body", 200)):
        lgsp_json.behave(refusal=refusal)
        lgsp_json.fail(fault)
        told = send(lgsp_json, SHARE, question())
        assert (told.status_code, told.json()["error_code"]) == (status, code)
