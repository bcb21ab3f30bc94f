"""A case from its registration to the hand-out of its result, as an officer sees it."""

import json
import re
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Route, expect

from tests.browser.desk import NGOC, Desk


def test_wrong_words_at_the_log_in_are_refused_and_empty_ones_asked_for(desk: Desk) -> None:
    desk.open()
    desk.picture("01-log-in")
    desk.check_accessibility()
    desk.button("Đăng nhập").click()
    expect(desk.page.get_by_text("Chưa nhập tên đăng nhập.")).to_be_visible()
    desk.page.get_by_label("Tên đăng nhập").fill("receiver2")
    desk.page.get_by_label("Mật khẩu").fill("wrong")
    desk.page.keyboard.press("Enter")
    expect(desk.page.get_by_role("alert")).to_contain_text("không đúng")
    expect(desk.page.get_by_label("Mật khẩu")).to_be_focused()
    desk.check_accessibility()


def test_a_case_is_registered_with_the_lookups_made_for_it(desk: Desk) -> None:
    desk.log_in()
    desk.new_case()
    desk.ask("Xác nhận CCCD-CMND", "Xác thực thông tin")
    desk.close_dialog()
    expect(desk.page.locator(".save-bar")).to_contain_text("1 lượt tra cứu sẽ được gắn với hồ sơ")
    with desk.page.expect_request(lambda request: request.url.endswith("/cases")) as sent:
        desk.button("Lưu hồ sơ").click()
    assert re.fullmatch(r"[0-9a-f-]{36}", sent.value.headers["idempotency-key"])
    desk.heading("Tiến độ").wait_for()
    lookups = desk.page.get_by_role("region", name="Lượt tra cứu")
    expect(lookups).to_contain_text("Công dân tồn tại")
    desk.picture("14-case")
    desk.check_accessibility()
    desk.go("Hồ sơ")
    heads = desk.page.locator("th")
    expect(heads).to_have_text(
        [
            "STT",
            "Số biên nhận",
            "Ngày nhận",
            "Ngày hẹn trả",
            "Họ tên người nộp",
            "Tên tổ chức",
            "Loại hồ sơ",
            "Trạng thái",
            "Số giờ còn lại",
            "Thanh toán",
        ]
    )
    expect(desk.page.locator("tbody tr").first).to_contain_text("NGUYỄN THỊ MINH NGỌC")
    desk.picture("02-cases")
    desk.check_accessibility()


def _lose_the_first_answer(desk: Desk, path: str, method: str = "POST") -> list[str]:
    """Let the first request be done and its answer be lost; gives the number of its case, once known."""
    lost: list[str] = []

    def lose(route: Route) -> None:
        if route.request.method == method and not lost:
            lost.append(json.loads(route.fetch().text())["receipt_number"])
            route.abort()
        else:
            route.continue_()

    desk.page.route(path, lose)
    return lost


def test_a_registration_whose_answer_was_lost_is_not_made_twice(desk: Desk) -> None:
    # As over plain http, where a browser makes no UUIDs.
    desk.page.add_init_script("delete Crypto.prototype.randomUUID")
    desk.log_in("receiver15")
    desk.new_case()
    lost = _lose_the_first_answer(desk, "**/cases")
    desk.button("Lưu hồ sơ").click()
    failure = desk.page.locator(".outcome.failure")
    expect(failure).to_have_attribute("data-code", "no-answer")
    expect(desk.page.get_by_text("cùng một nội dung không bị lưu hai lần")).to_be_visible()
    # What is changed since then makes no second case either.
    desk.page.get_by_label("Ghi chú").fill("Nghĩ ra sau")
    desk.button("Lưu hồ sơ").click()
    expect(failure).to_have_attribute("data-code", "idempotency-key-reused")
    expect(failure).to_contain_text("Hồ sơ có thể đã được lưu với nội dung lần gửi trước")
    desk.go("Hồ sơ")
    desk.button("Rời trang").click()
    expect(desk.page.locator("tbody tr").first).to_contain_text(lost[0])

    desk.new_case()
    desk.page.unroute_all()
    lost = _lose_the_first_answer(desk, "**/cases")
    desk.button("Lưu hồ sơ").click()
    expect(failure).to_have_attribute("data-code", "no-answer")
    desk.button("Lưu hồ sơ").click()
    expect(desk.page.get_by_role("heading", level=1)).to_contain_text(lost[0])


def test_a_lookup_that_was_refused_keeps_no_case_from_being_saved(desk: Desk) -> None:
    desk.log_in()
    desk.new_case()
    for _ in range(2):
        desk.ask("Xác nhận CCCD-CMND", "Xác thực thông tin")
        desk.close_dialog()

    def name_first(lookup_id: str) -> Callable[[Route], None]:
        def change(route: Route) -> None:
            body = json.loads(route.request.post_data or "")
            sent.append(list(body["lookup_ids"]))
            body["lookup_ids"][0] = lookup_id
            route.continue_(post_data=json.dumps(body))

        return change

    sent: list[list[str]] = []
    # As if the first of them were a day old.
    desk.page.route("**/cases", name_first("01a22297-0377-7872-935d-c5869101b9a3"), times=1)
    desk.button("Lưu hồ sơ").click()
    failure = desk.page.locator(".outcome.failure")
    expect(failure).to_have_attribute("data-code", "lookup-not-found")
    expect(desk.page.locator(".save-bar")).to_contain_text("1 lượt tra cứu sẽ được gắn với hồ sơ")
    desk.button("Lưu hồ sơ").click()
    desk.heading("Tiến độ").wait_for()
    desk.new_case()
    desk.ask("Xác nhận CCCD-CMND", "Xác thực thông tin")
    desk.close_dialog()
    desk.page.route("**/cases", name_first(sent[0][1]), times=1)
    desk.button("Lưu hồ sơ").click()
    expect(failure).to_have_attribute("data-code", "lookup-already-tied")
    expect(desk.page.get_by_text("đã được bỏ khỏi hồ sơ này")).to_be_visible()
    desk.button("Lưu hồ sơ").click()
    desk.heading("Tiến độ").wait_for()


def test_what_is_missing_is_named_beside_its_field_before_anything_is_sent(desk: Desk) -> None:
    desk.log_in()
    desk.go("Thêm mới hồ sơ")
    desk.heading("Người nộp hồ sơ").wait_for()
    sent: list[str] = []
    desk.page.on("request", lambda request: sent.append(request.method))
    desk.page.get_by_label("Ngày sinh").fill("31/02/1990")
    desk.button("Lưu hồ sơ").click()
    expect(desk.page.get_by_text("Chưa chọn thủ tục.")).to_be_visible()
    expect(desk.page.get_by_text("Chưa nhập họ và tên.")).to_be_visible()
    expect(desk.page.get_by_text("Ngày này không có trong lịch.")).to_be_visible()
    assert "POST" not in sent
    desk.picture("15-missing")
    desk.check_accessibility()


def test_what_the_service_refuses_is_shown_beside_its_field(desk: Desk) -> None:
    desk.log_in()
    desk.new_case()
    desk.page.get_by_label("Số điện thoại").fill("khong phai so")
    desk.button("Lưu hồ sơ").click()
    expect(desk.page.get_by_label("Số điện thoại")).to_have_attribute("aria-invalid", "true")
    expect(desk.page.get_by_label("Số điện thoại")).to_be_focused()


def test_the_receipt_is_shown_and_can_be_kept_as_a_pdf(desk: Desk) -> None:
    desk.log_in()
    number = desk.register()
    desk.button("In giấy biên nhận").click()
    paper = desk.page.frame_locator("iframe")
    expect(paper.get_by_role("heading")).to_have_text("GIẤY TIẾP NHẬN HỒ SƠ VÀ HẸN TRẢ KẾT QUẢ")
    expect(paper.locator("body")).to_contain_text(number)
    # Its one style is in force: the page's policy allows it by its hash.
    assert paper.locator("h1").evaluate("(element) => getComputedStyle(element).textAlign") == "center"
    desk.picture("16-receipt")
    desk.check_accessibility()
    # A frame that may not print would have the browser complain, and nothing be about to be printed.
    printed = desk.page.evaluate(
        """() => new Promise((resolve) => {
          const frame = document.querySelector('iframe');
          frame.contentWindow.addEventListener('beforeprint', () => resolve(frame.contentDocument.title));
          [...document.querySelectorAll('dialog button')].find((one) => one.textContent === 'In').click();
        })"""
    )
    assert printed == number
    with desk.page.expect_download() as download:
        desk.button("Tải tệp PDF").click()
    assert download.value.suggested_filename == f"{number}.pdf"
    assert download.value.path().read_bytes().startswith(b"%PDF-")


def test_a_case_goes_its_way_and_its_history_tells_it(desk: Desk) -> None:
    desk.log_in()
    desk.register()
    desk.button("Yêu cầu bổ sung giấy tờ").click()
    desk.button("Chuyển trạng thái").click()
    expect(desk.page.get_by_text("Chưa nhập nội dung xử lý.")).to_be_visible()
    desk.page.get_by_label("Nội dung xử lý").fill("Thiếu bản sao giấy khai sinh")
    desk.picture("17-step")
    desk.check_accessibility()
    # As where there are more entries than one answer has.
    desk.page.route(
        "**/history?*", lambda route: route.continue_(url=route.request.url.replace("limit=200", "limit=3"))
    )
    for step in ("Yêu cầu bổ sung giấy tờ", "Đang xử lý", "Đã xử lý xong", "Đã trả kết quả"):
        if not desk.dialog.count():
            desk.page.get_by_role("group", name="Chuyển trạng thái").get_by_role("button", name=step).click()
        desk.button("Chuyển trạng thái").click()
        expect(desk.page.locator(".page-head .badge")).to_have_text(step)
    expect(desk.page.locator(".history li")).to_have_count(3)
    desk.button("Xem thêm").click()
    expect(desk.page.locator(".history li")).to_have_count(6)
    expect(desk.page.locator(".history")).to_contain_text("“Thiếu bản sao giấy khai sinh”")
    expect(desk.page.get_by_role("group", name="Chuyển trạng thái")).to_have_count(0)
    expect(desk.button("Sửa hồ sơ")).to_have_count(0)
    desk.picture("18-returned")
    desk.check_accessibility()


def test_a_dialog_goes_with_its_page(desk: Desk) -> None:
    desk.log_in()
    number = desk.register()
    desk.go("Hồ sơ")
    desk.page.locator("tbody").wait_for()
    desk.page.get_by_role("link", name=number).click()
    desk.button("Đang xử lý").click()
    expect(desk.dialog.get_by_role("heading")).to_contain_text(number)
    desk.page.evaluate("history.back()")
    desk.heading("Tiếp nhận hồ sơ").wait_for()
    expect(desk.page.locator("dialog")).to_have_count(0)


def test_papers_are_added_changed_and_taken_out_of_a_case(desk: Desk) -> None:
    desk.log_in()
    desk.register()
    desk.button("Sửa hồ sơ").click()
    papers = desk.dialog.locator(".paper")
    expect(papers).to_have_count(1)
    papers.first.get_by_label("Số bản").fill("0")
    desk.button("Lưu thay đổi").click()
    expect(desk.dialog.get_by_text("Từ 1 đến 1000.")).to_be_visible()
    papers.first.get_by_label("Số bản").fill("2")
    desk.button("Thêm giấy tờ").click()
    papers.last.get_by_label("Tên giấy tờ").fill("Giấy khai sinh")
    papers.last.get_by_label("Hình thức").select_option("certified_copy")
    desk.picture("36-edit-case")
    desk.check_accessibility()
    desk.button("Lưu thay đổi").click()
    expect(desk.page.get_by_text("Đã lưu thay đổi.")).to_be_visible()
    rows = desk.page.get_by_role("region", name="Giấy tờ nộp kèm").locator("tbody tr")
    expect(rows).to_have_text([re.compile("Tờ khai2Bản chính"), re.compile("Giấy khai sinh1Bản sao")])
    desk.button("Sửa hồ sơ").click()
    papers.first.get_by_role("button", name="Bỏ giấy tờ này").click()
    desk.button("Lưu thay đổi").click()
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("Giấy khai sinh")


def test_an_edit_of_nothing_but_the_phone_sends_no_papers(desk: Desk) -> None:
    desk.log_in()
    number = desk.register()
    desk.button("Sửa hồ sơ").click()
    desk.page.get_by_label("Số điện thoại").fill("0912 345 678")
    with desk.page.expect_request(lambda request: request.url.endswith(number)) as sent:
        desk.button("Lưu thay đổi").click()
    assert json.loads(sent.value.post_data or "") == {"applicant": {"phone": "0912 345 678"}}


def test_two_officers_do_not_overwrite_each_other(desk: Desk) -> None:
    desk.log_in()
    number = desk.register()
    desk.button("Sửa hồ sơ").click()
    desk.page.get_by_label("Số điện thoại").fill("0912 345 678")
    desk.check_accessibility()
    token = desk.page.request.post(
        f"{desk.base_url}/auth/token",
        form={"grant_type": "password", "username": "receiver3", "password": "sandbox"},
    ).json()["access_token"]
    edited = desk.page.request.patch(
        f"{desk.base_url}/cases/{number}",
        data=json.dumps({"note": "Đồng nghiệp đã ghi"}),
        headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
    )
    assert edited.ok
    desk.button("Lưu thay đổi").click()
    failure = desk.dialog.locator(".outcome.failure")
    expect(failure).to_contain_text("vừa được người khác thay đổi")
    expect(desk.button("Tải lại hồ sơ")).to_be_in_viewport()
    desk.picture("19-changed-meanwhile")
    desk.check_accessibility()
    desk.button("Tải lại hồ sơ").click()
    expect(desk.page.get_by_text("Đồng nghiệp đã ghi").first).to_be_visible()
    desk.button("Sửa hồ sơ").click()
    # What was typed is there again, beside what the colleague wrote.
    expect(desk.dialog).to_contain_text("được điền sẵn")
    expect(desk.page.get_by_label("Số điện thoại")).to_have_value("0912 345 678")
    expect(desk.dialog.get_by_label("Ghi chú")).to_have_value("Đồng nghiệp đã ghi")
    desk.button("Lưu thay đổi").click()
    expect(desk.page.get_by_text("Đã lưu thay đổi.")).to_be_visible()


def test_a_change_that_was_saved_is_not_shown_as_a_failure_or_as_a_colleagues(desk: Desk) -> None:
    desk.log_in()
    number = desk.register()
    _lose_the_first_answer(desk, f"**/cases/{number}", "PATCH")
    desk.button("Sửa hồ sơ").click()
    desk.page.get_by_label("Số điện thoại").fill("0912 345 678")
    # A wrong key loses nothing.
    desk.page.keyboard.press("Escape")
    desk.button("Ở lại").click()
    for code in ("no-answer", "precondition-failed"):
        desk.button("Lưu thay đổi").click()
        expect(desk.dialog.locator(".outcome")).to_have_attribute("data-code", code)
    expect(desk.dialog).to_contain_text("có thể chính thay đổi của bạn đã được lưu")
    expect(desk.dialog).not_to_contain_text("người khác")
    desk.button("Tải lại hồ sơ").click()
    expect(desk.page.locator(".facts").first).to_contain_text("0912 345 678")
    desk.button("Sửa hồ sơ").click()
    expect(desk.dialog).not_to_contain_text("được điền sẵn")
    desk.page.get_by_label("Thư điện tử").fill("ngoc@example.vn")
    # Saved, and then the case cannot be shown.
    desk.page.route("**/history*", lambda route: route.abort(), times=1)
    desk.button("Lưu thay đổi").click()
    expect(desk.page.locator(".outcome")).to_have_attribute("data-code", "no-answer")
    expect(desk.page.get_by_text("Đã lưu thay đổi.")).to_be_visible()
    desk.button("Thử lại").click()
    desk.heading("Tiến độ").wait_for()
    expect(desk.page.get_by_text("Đã lưu thay đổi.")).to_be_visible()


def test_cases_are_found_by_words_number_and_receipt_and_no_name_stands_in_an_address(desk: Desk) -> None:
    desk.log_in()
    number = desk.register()
    asked: list[str] = []
    desk.page.on("request", lambda request: asked.append(request.url))
    desk.go("Hồ sơ")
    desk.heading("Tiếp nhận hồ sơ").wait_for()
    for words in ("minh ng", "100190000001", number):
        desk.page.get_by_label("Tìm hồ sơ").fill(words)
        desk.page.keyboard.press("Enter")
        expect(desk.page.locator("tbody")).to_contain_text("NGUYỄN THỊ MINH NGỌC")
    expect(desk.page.locator("tbody tr")).to_have_count(1)
    desk.page.get_by_label("Tìm hồ sơ").fill("khong ai ca")
    desk.page.keyboard.press("Enter")
    expect(desk.page.locator("tbody")).to_contain_text("Không có hồ sơ nào khớp")
    assert not [url for url in asked if "100190000001" in url or "minh" in url]


def test_a_page_on_is_one_of_the_list_that_is_shown(desk: Desk) -> None:
    asked: list[Any] = []

    def answer(route: Route) -> None:
        asked.append(json.loads(route.request.post_data or ""))
        page: dict[str, Any] = {"items": [], "next_cursor": "on" if len(asked) == 1 else None}
        route.fulfill(body=json.dumps(page), content_type="application/json")

    desk.page.route("**/cases/search", answer)
    desk.log_in()
    search = desk.page.get_by_label("Tìm hồ sơ")
    search.fill("chưa bấm tìm")
    desk.button("Trang sau").dblclick()
    expect(desk.button("Trang trước")).to_be_enabled()
    assert asked == [{"limit": 20, "cursor": None}, {"limit": 20, "cursor": "on"}]
    expect(desk.page.get_by_role("region", name="Danh sách hồ sơ")).to_be_focused()
    search.fill("100 190 000 001")
    search.press("Enter")
    expect(desk.button("Trang trước")).to_be_disabled()
    assert asked[2]["id_number"] == NGOC["number"]
    search.fill("10019000000")
    search.press("Enter")
    expect(desk.page.get_by_text("Số CCCD có 12 chữ số")).to_be_visible()
    expect(desk.page.locator("tbody")).to_have_count(0)
    assert len(asked) == 3


def test_what_people_typed_is_shown_as_text_and_never_as_markup(desk: Desk) -> None:
    desk.log_in()
    desk.new_case()
    trap = "<img src=x onerror=alert(1)><b>đậm</b>"
    desk.page.get_by_label("Ghi chú").fill(trap)
    desk.page.get_by_label("Tên tổ chức").fill(trap)
    desk.button("Lưu hồ sơ").click()
    desk.heading("Tiến độ").wait_for()
    expect(desk.page.get_by_text(trap)).to_have_count(2)
    assert desk.page.locator("main img, main b").count() == 0
    desk.go("Hồ sơ")
    expect(desk.page.locator("tbody tr").first).to_contain_text("<b>")


def test_an_ended_session_asks_for_the_password_and_keeps_what_was_typed(desk: Desk) -> None:
    desk.log_in()
    desk.new_case()
    desk.button("Khóa").click()
    expect(desk.page.locator("dialog.lock")).to_be_visible()
    expect(desk.page.get_by_label("Tên đăng nhập")).to_have_value("receiver")
    desk.page.keyboard.press("Escape")
    desk.page.keyboard.press("Escape")
    expect(desk.page.locator("dialog.lock")).to_be_visible()
    desk.picture("20-locked")
    desk.check_accessibility()
    # Whoever passes by leads it nowhere, and throws nothing away.
    desk.page.evaluate("location.hash = '#/ho-so'")
    desk.page.wait_for_function("location.hash === '#/ho-so-moi'")
    expect(desk.dialog).to_have_count(1)
    desk.page.get_by_label("Mật khẩu").fill("sandbox")
    desk.page.keyboard.press("Enter")
    expect(desk.page.locator("dialog.lock")).to_have_count(0)
    expect(desk.page.get_by_label("Số CCCD/CMND").first).to_have_value("100190000001")
    outcome = desk.ask("Xác nhận CCCD-CMND", "Xác thực thông tin")
    expect(outcome).to_contain_text("Công dân tồn tại")


def test_a_desk_that_was_left_alone_locks_itself(desk: Desk) -> None:
    desk.page.clock.install()
    desk.log_in()
    desk.page.locator("tbody").wait_for()
    desk.page.clock.fast_forward("14:00")
    expect(desk.page.locator("dialog.lock")).to_have_count(0)
    desk.page.clock.fast_forward("01:30")
    expect(desk.page.locator("dialog.lock")).to_be_visible()


def test_what_was_typed_is_not_lost_by_a_wrong_click(desk: Desk) -> None:
    desk.log_in()
    desk.new_case()
    desk.go("Hồ sơ")
    expect(desk.dialog).to_contain_text("nội dung đã nhập sẽ mất")
    # Asked once, however often it is meant to be left.
    desk.page.evaluate("location.hash = '#/tai-khoan'")
    desk.page.wait_for_function("location.hash === '#/ho-so-moi'")
    expect(desk.dialog).to_have_count(1)
    desk.check_accessibility()
    desk.button("Ở lại").click()
    expect(desk.page.get_by_label("Số CCCD/CMND").first).to_have_value("100190000001")
    desk.go("Hồ sơ")
    desk.button("Rời trang").click()
    expect(desk.heading("Tiếp nhận hồ sơ")).to_be_visible()


def test_nothing_of_a_session_outlives_the_page(desk: Desk) -> None:
    desk.log_in()
    kept = "[localStorage.length, sessionStorage.length, document.cookie.length]"
    assert desk.page.evaluate(kept) == [0, 0, 0]
    desk.page.reload()
    expect(desk.button("Đăng nhập")).to_be_visible()
