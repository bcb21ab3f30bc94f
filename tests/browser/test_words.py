"""What an officer reads when something typed is wrong or nothing was found: in his own words."""

import pytest
from playwright.sync_api import expect

from tests.browser.desk import NGOC, Desk


def test_a_name_pasted_with_tabs_and_double_blanks_is_asked_as_one_is_written(desk: Desk) -> None:
    desk.log_in()
    desk.new_case(person=NGOC | {"name": "Nguyễn\tThị \u00a0Minh  Ngọc"})
    outcome = desk.ask("Xác nhận CCCD-CMND", "Xác thực thông tin")
    expect(outcome).to_contain_text("Công dân tồn tại")


def test_a_refused_field_is_named_as_the_form_names_it(desk: Desk) -> None:
    desk.log_in()
    desk.new_case(person=NGOC | {"name": "NGUYỄN \u202eNGỌC"})
    outcome = desk.ask("Xác nhận CCCD-CMND", "Xác thực thông tin")
    expect(outcome).to_have_attribute("data-code", "validation-failed")
    expect(outcome).to_contain_text("Họ và tên: Chứa ký tự điều khiển")
    for technical in ("full_name", "/", "errors"):
        expect(outcome).not_to_contain_text(technical)


@pytest.mark.parametrize(
    ("pointer", "words"),
    [
        ("/full_name", "Họ và tên"),
        ("/members/2/id_number", "Thành viên 3 – Số CCCD/CMND"),
        ("/applicant/phone", "Người nộp – Số điện thoại"),
        ("receipt_number", "Số biên nhận"),
        ("", ""),
        ("/unheard_of", ""),
    ],
)
def test_pointers_have_words(desk: Desk, pointer: str, words: str) -> None:
    desk.open()
    found = desk.page.evaluate(
        "async (pointer) => (await import(`${location.origin}/console/field_words.js`)).fieldWords(pointer)",
        pointer,
    )
    assert found == words


def test_an_empty_list_tells_no_cases_from_none_that_fit(desk: Desk) -> None:
    desk.log_in()
    desk.go("Hồ sơ")
    desk.page.locator("tbody").wait_for()
    desk.page.get_by_label("Nhận từ ngày").fill("01/01/2020")
    desk.page.get_by_label("Đến hết ngày").fill("02/01/2020")
    desk.page.keyboard.press("Enter")
    expect(desk.page.locator("tbody")).to_contain_text("Không có hồ sơ nào khớp")
    # What was found before is not what the wrong day would find.
    desk.page.get_by_label("Nhận từ ngày").fill("31/02/2020")
    desk.page.keyboard.press("Enter")
    expect(desk.page.get_by_text("Ngày này không có trong lịch.")).to_be_visible()
    expect(desk.page.locator("tbody")).to_have_count(0)
    expect(desk.page.locator(".results")).to_contain_text("Sửa mục được nêu rồi tìm lại.")


@pytest.mark.parametrize(
    ("typed", "words"), [("31/02/1990", "không có trong lịch"), ("90", "Ví dụ: 30/07/1990")]
)
def test_a_day_that_there_never_was_is_told_from_what_is_no_day(desk: Desk, typed: str, words: str) -> None:
    desk.log_in()
    desk.new_case(person=NGOC | {"birth": typed})
    desk.page.keyboard.press("F2")
    expect(desk.page.locator(".person .error:visible")).to_contain_text(words)
    expect(desk.dialog).to_have_count(0)


@pytest.mark.parametrize(
    ("tab", "opener", "label"),
    [
        (None, "Thêm cán bộ", "Tên đăng nhập"),
        ("Cơ quan", "Thêm cơ quan", "Mã cơ quan"),
        ("Hệ thống kết nối", "Thêm hệ thống", "Mã hệ thống"),
    ],
)
def test_a_name_that_no_account_can_have_is_refused_at_its_field(
    desk: Desk, tab: str | None, opener: str, label: str
) -> None:
    desk.log_in("admin")
    desk.go("Cơ quan, cán bộ, hệ thống")
    if tab:
        desk.page.get_by_role("group", name="Danh bạ").get_by_role("button", name=tab).click()
    desk.button(opener).click()
    for box in desk.dialog.locator("[aria-required]").all():
        box.fill("Vi-du: 8 con de trang!")
    desk.dialog.get_by_label(label).fill("Có dấu !")
    desk.dialog.get_by_role("button", name="Lưu").click()
    expect(desk.dialog.get_by_label(label)).to_have_attribute("aria-invalid", "true")
    expect(desk.dialog.get_by_label(label)).to_be_focused()
    expect(desk.dialog.locator(".outcome")).to_have_count(0)


def test_an_address_that_cannot_be_read_leads_to_no_page(desk: Desk) -> None:
    desk.log_in()
    desk.go("Thêm mới hồ sơ")
    desk.heading("Người nộp hồ sơ").wait_for()
    desk.page.evaluate("location.hash = '#/ho-so/%ff'")
    expect(desk.heading("Không có trang này")).to_be_visible()
    expect(desk.page).to_have_title("Không có trang này – Một cửa – Dân cư")


def test_a_page_that_could_not_be_fetched_can_be_tried_again(desk: Desk) -> None:
    desk.page.route("**/page_new_case.js", lambda route: route.abort())
    desk.log_in()
    desk.go("Thêm mới hồ sơ")
    expect(desk.page.locator(".outcome")).to_have_attribute("data-code", "no-answer")
    desk.page.unroute("**/page_new_case.js")
    desk.button("Thử lại").click()
    desk.heading("Người nộp hồ sơ").wait_for()


def test_modules_of_two_versions_do_not_meet(desk: Desk) -> None:
    newer = "import { thatTheOlderOneHasNot } from './dom.js';"
    desk.page.route(
        "**/page_account.js", lambda route: route.fulfill(body=newer, content_type="text/javascript")
    )
    desk.open()
    desk.page.wait_for_load_state("networkidle")
    # All pages are there before anybody logs in, whatever the service has later.
    desk.page.route("**/page_new_case.js", lambda route: route.abort())
    desk.enter()
    desk.go("Thêm mới hồ sơ")
    desk.heading("Người nộp hồ sơ").wait_for()
    desk.page.get_by_role("link", name="Tài khoản của tôi").click()
    expect(desk.page.locator(".outcome")).to_contain_text("Giao diện đã được cập nhật")
    expect(desk.page.locator(".outcome")).to_contain_text("tải lại trang")


def test_a_note_keeps_its_lines_and_a_long_word_stays_in_its_table(desk: Desk) -> None:
    desk.log_in()
    desk.new_case()
    desk.page.get_by_label("Ghi chú").fill("Dòng một\nDòng hai")
    desk.page.get_by_label("Tên giấy tờ").fill("x" * 250)
    desk.button("Lưu hồ sơ").click()
    desk.heading("Tiến độ").wait_for()
    note = desk.page.locator("dd", has_text="Dòng một")
    assert note.evaluate("(one) => one.innerText") == "Dòng một\nDòng hai"
    papers = desk.page.get_by_role("region", name="Giấy tờ nộp kèm")
    assert papers.evaluate("(one) => one.scrollWidth - one.clientWidth") == 0


def test_whatever_was_typed_is_asked_about_before_it_is_left(desk: Desk) -> None:
    desk.log_in()
    desk.go("Thêm mới hồ sơ")
    for label in ("Số điện thoại", "Địa chỉ liên hệ", "Tên tổ chức", "Đường dẫn liên quan"):
        desk.heading("Người nộp hồ sơ").wait_for()
        desk.page.get_by_label(label).fill("x")
        desk.go("Hồ sơ")
        desk.dialog.get_by_role("button", name="Ở lại").click()
        desk.page.get_by_label(label).fill("")
    desk.page.get_by_label("Tên giấy tờ").fill("Giấy khai sinh")
    desk.go("Hồ sơ")
    desk.dialog.get_by_role("button", name="Ở lại").click()


def test_keys_work_wherever_the_focus_is(desk: Desk) -> None:
    desk.log_in()
    desk.new_case()
    desk.button("Khóa").focus()
    desk.page.keyboard.press("F2")
    expect(desk.dialog.get_by_text("Xác nhận CCCD-CMND")).to_be_visible()
    desk.close_dialog()
    desk.button("Khóa").focus()
    desk.page.keyboard.press("Control+Enter")
    desk.heading("Tiến độ").wait_for()
    # The form is gone, and its keys with it.
    desk.page.keyboard.press("F2")
    expect(desk.dialog).to_have_count(0)
