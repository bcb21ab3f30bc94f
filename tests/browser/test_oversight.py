"""What managers, auditors and administrators see: figures, the log and its proof, procedures and accounts."""

import json
import re
from typing import Any

import pytest
from playwright.sync_api import Route, expect

from tests.browser.desk import NGOC, Desk
from tests.processes import Service

CLAIM = {"full_name": NGOC["name"], "id_number": NGOC["number"], "birth_date": "1990-07-30"}


@pytest.fixture
def record(desk: Desk, service: Service) -> int:
    """Give the sequence of a lookup's OUTCOME."""
    answer = desk.page.request.post(
        f"{service.base_url}/verify/id-card",
        data=json.dumps({"procedure_code": "1.004194", **CLAIM}),
        headers={
            "Authorization": f"Bearer {service.token('receiver')}",
            "Content-Type": "application/json",
        },
    )
    sequence: int = answer.json()["audit"]["sequence"]
    return sequence


def _register(desk: Desk, service: Service, *, steps: tuple[str, ...] = ()) -> None:
    headers = {
        "Authorization": f"Bearer {service.token('receiver')}",
        "Content-Type": "application/json",
    }
    body = {"procedure_code": "1.004194", "channel": "in_person", "applicant": CLAIM}
    case = desk.page.request.post(f"{service.base_url}/cases", data=json.dumps(body), headers=headers)
    for step in steps:
        path = f"/cases/{case.json()['receipt_number']}/status"
        taken = desk.page.request.post(
            f"{service.base_url}{path}", data=json.dumps({"to": step}), headers=headers
        )
        assert taken.ok


def _open_record(desk: Desk, sequence: int) -> None:
    desk.log_in("auditor")
    desk.page.get_by_label("Số bản ghi").fill(str(sequence))
    desk.page.keyboard.press("Enter")
    desk.heading(f"Bản ghi số {sequence}").wait_for()


def test_a_manager_sees_figures_as_bars_and_as_a_table(desk: Desk, service: Service) -> None:
    _register(desk, service)
    _register(desk, service, steps=("in_progress", "completed"))
    desk.log_in("manager")
    expect(desk.page.get_by_role("link", name="Thêm mới hồ sơ")).to_have_count(0)
    desk.go("Thống kê hồ sơ")
    expect(desk.page.locator(".totals")).to_contain_text("hồ sơ tiếp nhận")
    expect(desk.page.locator("svg.chart rect").first).to_be_visible()
    expect(desk.page.get_by_role("region", name="Hồ sơ theo trạng thái")).to_contain_text("Đã xử lý xong")
    desk.picture("21-statistics")
    desk.check_accessibility()
    desk.page.get_by_label("Nhóm theo").select_option("procedure")
    expect(desk.page.get_by_role("region", name="Hồ sơ theo thủ tục")).to_contain_text("Đăng ký tạm trú")
    with desk.page.expect_download() as download:
        desk.button("Tải bảng CSV").click()
    assert download.value.path().read_text(encoding="utf-8-sig").startswith("group,received")


def test_figures_are_those_that_were_asked_for_last_and_say_of_which_days(desk: Desk) -> None:
    held: list[Route] = []
    row = {"received": 1, "in_progress": 1, "completed_on_time": 0, "completed_late": 0, "overdue_now": 0}
    rows = [{"group": f"2026-10-{day:02}", **row} for day in range(1, 32)]
    body = json.dumps({"rows": [*rows, {"group": "2026-11-01", **row}]})

    def answer(route: Route) -> None:
        if "group_by=agency" in route.request.url:
            held.append(route)
        elif "group_by=day" in route.request.url:
            route.fulfill(body=body, content_type="application/json")
        else:
            route.continue_()

    desk.log_in("manager")
    desk.page.route("**/reports/cases?*", answer)
    desk.go("Thống kê hồ sơ")
    desk.page.get_by_label("Từ ngày").fill("01/10/2026")
    grouping = desk.page.get_by_label("Nhóm theo")
    with desk.page.expect_request("**/reports/cases?*group_by=agency*"):
        grouping.select_option("agency")
    grouping.select_option("day")
    by_day = desk.page.get_by_role("region", name="Hồ sơ theo ngày")
    by_day.wait_for()
    with desk.page.expect_response("**/reports/cases?*group_by=agency*"):
        held[0].continue_()
    expect(desk.page.get_by_text("Số liệu từ 01/10/2026 đến nay.")).to_be_visible()
    expect(desk.page.get_by_text("Biểu đồ chỉ vẽ 31 nhóm cuối trong 32")).to_be_visible()
    expect(by_day).to_be_visible()


def test_the_auditor_proves_a_record_in_the_browser(desk: Desk, record: int) -> None:
    _open_record(desk, record)
    expect(desk.page.get_by_text("Kết quả tra cứu").first).to_be_visible()
    desk.button("Kiểm chứng").click()
    expect(desk.page.locator("[data-verdict=proved]")).to_be_visible()
    expect(desk.page.locator(".proof .ok")).to_have_count(4)
    desk.picture("22-proof")
    desk.check_accessibility()


def test_a_key_known_from_elsewhere_is_the_one_that_counts(desk: Desk, record: int) -> None:
    _open_record(desk, record)
    published = desk.page.request.get(f"{desk.base_url}/audit/public-key").text().strip()
    foreign = "motcua.example.vn/audit+bb639d09+AYqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c"
    known = desk.page.get_by_label("Khóa công khai đã biết")
    # As the file of the keys has it: a line for each since the first.
    known.fill(f"{foreign}\n{published}\n")
    desk.button("Kiểm chứng").click()
    expect(desk.page.get_by_text("Ký bởi khóa bạn đã dán.")).to_be_visible()
    expect(desk.page.locator("[data-verdict=proved]")).to_be_visible()
    known.fill(foreign)
    desk.button("Kiểm chứng").click()
    expect(desk.page.locator("[data-verdict=refuted]")).to_be_visible()
    expect(desk.page.locator(".proof .bad")).to_contain_text("Chữ ký sai")
    expect(desk.page.locator(".proof .bad")).to_contain_text("không có chữ ký của khóa này")
    # What was pasted by half says nothing against the log.
    known.fill(published[:-3])
    desk.button("Kiểm chứng").click()
    expect(desk.page.locator("[data-verdict=open]")).to_be_visible()
    expect(desk.page.locator(".proof .open")).to_contain_text("Khóa đã dán không đọc được")


@pytest.mark.parametrize("tampering", ["record", "leaf", "root", "size", "path"])
def test_whatever_is_altered_is_found(desk: Desk, record: int, tampering: str) -> None:
    _open_record(desk, record)

    def alter(route: Route) -> None:
        answer = route.fetch()
        path = route.request.url.partition("?")[0]
        text = answer.text()
        if tampering in {"record", "leaf"} and path.endswith(f"/records/{record}"):
            found = json.loads(text)
            found["record"]["officer"] = "receiver2"
            if tampering == "leaf":
                found = {**found, "record": None, "leaf_hash": "A" * 43 + "="}
            text = json.dumps(found)
        if tampering == "root" and path.endswith("/checkpoint"):
            lines = text.split("\n")
            text = "\n".join([*lines[:2], "A" * 43 + "=", *lines[3:]])
        if tampering == "size" and path.endswith("/checkpoint"):
            lines = text.split("\n")
            text = "\n".join([lines[0], str(int(lines[1]) - 1), *lines[2:]])
        if tampering == "path" and path.endswith("/proof"):
            proof = json.loads(text)
            text = json.dumps({**proof, "hashes": proof["hashes"][::-1][1:]})
        route.fulfill(response=answer, body=text)

    desk.page.route("**/audit/**", alter)
    desk.button("Kiểm chứng").click()
    expect(desk.page.locator("[data-verdict=refuted]")).to_contain_text("KHÔNG kiểm chứng được")
    expect(desk.page.locator("[data-verdict=proved]")).to_have_count(0)
    if tampering == "record":
        desk.picture("23-proof-refuted")
        desk.check_accessibility()


def test_a_browser_without_ed25519_says_so_and_claims_nothing(desk: Desk, record: int) -> None:
    desk.page.add_init_script(
        "crypto.subtle.importKey = () => Promise.reject(new DOMException('', 'NotSupportedError'))"
    )
    _open_record(desk, record)
    desk.button("Kiểm chứng").click()
    expect(desk.page.locator("[data-verdict=open]")).to_contain_text("Chưa kết luận được")
    expect(desk.page.locator(".proof .open")).to_contain_text("không kiểm được chữ ký Ed25519")
    expect(desk.page.locator(".proof .ok")).to_have_count(3)


def test_the_auditor_sees_who_looked_at_a_person(desk: Desk, record: int) -> None:
    asked: list[str] = []
    desk.page.on("request", lambda request: asked.append(request.url))
    desk.log_in("auditor")
    desk.picture("24-audit-log")
    desk.check_accessibility()
    desk.go("Ai đã tra cứu")
    desk.page.get_by_label("Số định danh hoặc số CMND").fill(NGOC["number"])
    desk.button("Xem báo cáo").click()
    rows = desk.page.locator("tbody tr")
    expect(rows.filter(has_text="receiver").first).to_contain_text("người được tra cứu")
    expect(desk.page.get_by_role("link", name=str(record), exact=True).first).to_be_visible()
    desk.picture("25-access-report")
    desk.check_accessibility()
    desk.go("Thống kê tra cứu")
    expect(desk.page.get_by_role("region", name="Lượt tra cứu theo cán bộ")).to_contain_text("receiver")
    expect(desk.page.get_by_text("Mỗi dấu hiệu là lý do để hỏi")).to_be_visible()
    desk.picture("26-lookups")
    desk.check_accessibility()
    assert not [url for url in asked if NGOC["number"] in url]


def test_more_of_a_list_is_more_of_what_was_asked(desk: Desk) -> None:
    look: dict[str, Any] = {"at": "2026-11-28T21:46:46+07:00", "status": "refused", "lookup_kind": "id-card"}
    look |= {"roles": ["claimed"], "officer": "receiver", "client": None, "agency": "H24.15"}
    look |= {"procedure_code": "1.004194", "receipt_number": None, "result": "lookup-budget-exceeded"}
    look |= {"fields_given": [], "sequences": [1]}
    asked: list[Any] = []

    def answer(route: Route) -> None:
        asked.append(json.loads(route.request.post_data or ""))
        page = {"items": [look], "next_cursor": "on" if len(asked) == 1 else None}
        route.fulfill(body=json.dumps(page), content_type="application/json")

    desk.log_in("auditor")
    desk.go("Ai đã tra cứu")
    desk.page.route("**/audit/access-report", answer)
    number = desk.page.get_by_label("Số định danh hoặc số CMND")
    number.fill(NGOC["number"])
    desk.button("Xem báo cáo").click()
    number.fill("100190000002")
    desk.button("Xem thêm").dblclick()
    rows = desk.page.locator("tbody tr")
    expect(rows).to_have_count(2)
    assert asked == [
        {"id_number": NGOC["number"], "limit": 50},
        {"id_number": NGOC["number"], "limit": 50, "cursor": "on"},
    ]
    expect(desk.page.locator(".results")).to_contain_text("100********1")
    expect(rows.first).to_contain_text("Đã hết số lượt tra cứu cho phép")
    expect(desk.page.get_by_role("region", name="Các lượt tra cứu")).to_be_focused()
    # What is refused leaves nothing there that could be taken for its answer.
    number.fill("12345")
    desk.button("Xem báo cáo").click()
    expect(rows).to_have_count(0)
    expect(desk.page.locator(".results")).to_be_empty()


def test_no_address_of_the_log_names_a_person(desk: Desk) -> None:
    desk.log_in("auditor")
    desk.page.locator("tbody").wait_for()
    asked: list[str] = []
    desk.page.on("request", lambda request: asked.append(request.url))
    for label, typed in (
        ("Cán bộ", NGOC["number"]),
        ("Số biên nhận hoặc mã tra cứu", "001000001"),
        ("Số biên nhận hoặc mã tra cứu", NGOC["name"]),
        ("Số bản ghi", NGOC["number"]),
    ):
        box = desk.page.get_by_label(label, exact=True)
        box.fill(typed)
        desk.page.keyboard.press("Enter")
        expect(box).to_have_attribute("aria-invalid", "true")
        expect(desk.page.locator("tbody")).to_have_count(0)
        assert typed not in desk.page.url
        box.fill("")
    assert asked == []


def test_an_administrator_adds_a_procedure_and_changes_it(desk: Desk) -> None:
    desk.log_in("admin")
    expect(desk.page.get_by_role("link", name="Hồ sơ", exact=True)).to_have_count(0)
    desk.button("Thêm thủ tục").click()
    desk.dialog.get_by_label("Mã thủ tục").fill("9.000001")
    desk.dialog.get_by_label("Tên thủ tục").fill("Thủ tục thử giao diện")
    desk.dialog.get_by_label("Xác nhận CCCD-CMND").check()
    desk.check_accessibility()
    desk.button("Lưu thủ tục").click()
    row = desk.page.get_by_role("row").filter(has_text="9.000001")
    expect(row).to_contain_text("Xác nhận CCCD-CMND")
    desk.picture("27-procedures")
    desk.check_accessibility()
    desk.button("Sửa thủ tục 9.000001").click()
    desk.dialog.get_by_label("Đang hiệu lực").uncheck()
    desk.picture("28-procedure")
    desk.button("Lưu thủ tục").click()
    expect(row).to_contain_text("Ngừng")


def test_nothing_is_replaced_by_adding_and_what_is_edited_is_what_there_is_now(
    desk: Desk, service: Service
) -> None:
    path = f"{service.base_url}/procedures/9.000002"
    headers = {"Authorization": f"Bearer {service.token('admin')}", "Content-Type": "application/json"}

    def put(name: str) -> None:
        body: dict[str, Any] = {"name": name, "level": "partial", "processing_days": 7}
        body |= {"national_code": None, "is_active": True, "lookups": [], "share_fields": []}
        assert desk.page.request.put(path, data=json.dumps(body), headers=headers).ok

    put("Thủ tục có trước")
    desk.log_in("admin")
    desk.page.locator("tbody").wait_for()
    put("Thủ tục vừa được đổi tên")
    desk.button("Thêm thủ tục").click()
    desk.dialog.get_by_label("Mã thủ tục").fill("9.000002")
    desk.dialog.get_by_label("Tên thủ tục").fill("Thủ tục thêm nhầm")
    desk.button("Lưu thủ tục").click()
    expect(desk.dialog.get_by_text("Đã có thủ tục mang mã này.")).to_be_visible()
    # What was typed is not lost by a wrong key.
    desk.page.keyboard.press("Escape")
    desk.button("Đóng, không lưu").click()
    desk.button("Sửa thủ tục 9.000002").click()
    expect(desk.dialog.get_by_label("Tên thủ tục")).to_have_value("Thủ tục vừa được đổi tên")
    desk.close_dialog()


def test_an_administrator_gives_an_officer_an_account(desk: Desk, service: Service) -> None:
    desk.log_in("admin")
    desk.go("Cơ quan, cán bộ, hệ thống")
    expect(desk.page.get_by_role("row").filter(has_text="receiver3")).to_contain_text("chưa có")
    desk.picture("29-officers")
    desk.check_accessibility()
    desk.button("Thêm cán bộ").click()
    desk.dialog.get_by_label("Tên đăng nhập").fill("console.desk")
    desk.dialog.get_by_label("Họ và tên").fill("Cán bộ Giao Diện")
    desk.dialog.get_by_label("Cơ quan").select_option("H24.16")
    desk.dialog.get_by_label("Mật khẩu").fill("Vi-du: 8 con de trang!")
    desk.picture("30-officer")
    desk.check_accessibility()
    desk.dialog.get_by_role("button", name="Lưu").click()
    expect(desk.page.get_by_role("row").filter(has_text="console.desk")).to_contain_text("xã Mẫu")
    answer = desk.page.request.post(
        f"{service.base_url}/auth/token",
        form={
            "grant_type": "password",
            "username": "console.desk",
            "password": "Vi-du: 8 con de trang!",
        },
    )
    assert answer.ok
    for tab, words, opener in (
        ("Cơ quan", "phường Thử Nghiệm", "Sửa H24.16"),
        ("Hệ thống kết nối", "portal", "Sửa portal"),
    ):
        desk.page.get_by_role("group", name="Danh bạ").get_by_role("button", name=tab).click()
        expect(desk.page.locator("tbody")).to_contain_text(words)
        desk.check_accessibility()
        for button in (opener, "Thêm cơ quan" if tab == "Cơ quan" else "Thêm hệ thống"):
            desk.button(button).click()
            desk.dialog.wait_for()
            desk.check_accessibility()
            desk.close_dialog()


def test_the_last_administrator_cannot_be_put_out_by_the_console(desk: Desk) -> None:
    desk.log_in("admin")
    desk.go("Cơ quan, cán bộ, hệ thống")
    desk.page.get_by_role("button", name=re.compile("^Sửa admin$")).click()
    desk.dialog.get_by_label("Tài khoản đang dùng").uncheck()
    desk.dialog.get_by_role("button", name="Lưu").click()
    expect(desk.dialog.locator(".outcome.failure")).to_have_attribute("data-code", "last-admin")
