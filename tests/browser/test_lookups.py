"""The guide's three appendices: verify a card, check information, verify a household; and each failure."""

import json
import re

import pytest
from playwright.sync_api import expect

from tests.browser.desk import NGOC, STRANGER, Desk

VERIFY = "Xác nhận CCCD-CMND"
SHARE = "Kiểm tra thông tin"
HOUSEHOLD = "Xác nhận chủ hộ"
CARD_CODE = "100190000001|000000101|Nguyễn Thị Minh Ngọc|30071990|Nữ|Số 12 phố Thử Nghiệm|01072021"


def test_an_existing_citizen_is_told_in_the_words_of_the_guide(desk: Desk) -> None:
    desk.log_in()
    desk.new_case()
    desk.picture("03-new-case")
    desk.button(VERIFY).click()
    expect(desk.dialog).to_contain_text("NGUYỄN THỊ MINH NGỌC")
    expect(desk.dialog).to_contain_text("30/07/1990")
    desk.picture("04-verify-card")
    desk.check_accessibility()
    desk.dialog.get_by_role("button", name="Xác thực thông tin").click()
    outcome = desk.dialog.locator(".outcome")
    expect(outcome).to_contain_text("Công dân tồn tại")
    expect(outcome).to_have_attribute("data-result", "yes")
    desk.picture("05-verify-card-exists")
    desk.check_accessibility()
    desk.close_dialog()
    expect(desk.page.locator(".person .standing")).to_contain_text("Công dân tồn tại")


def test_a_claim_that_matches_nobody_is_an_answer_and_names_no_part_of_it(desk: Desk) -> None:
    desk.log_in()
    desk.new_case(person=STRANGER)
    outcome = desk.ask(VERIFY, "Xác thực thông tin")
    expect(outcome).to_contain_text("Công dân không tồn tại")
    expect(outcome).to_contain_text("không cho biết mục nào sai")
    expect(outcome).not_to_have_class(re.compile("failure"))
    desk.picture("06-verify-card-not-found")
    desk.check_accessibility()


def test_the_record_comes_in_its_groups_and_fills_and_locks_the_form(desk: Desk) -> None:
    desk.log_in()
    desk.new_case()
    desk.ask(SHARE, "Kết nối thông tin")
    groups = desk.dialog.locator(".record-group h3")
    expect(groups).to_have_text(["Công dân", "Chủ hộ", "Cha", "Mẹ", "Vợ/Chồng"])
    expect(desk.dialog.locator(".record")).to_contain_text("Phường Hồng Bàng")
    expect(desk.dialog.locator(".record")).not_to_contain_text("Dân tộc")
    desk.picture("07-share-record")
    desk.check_accessibility()
    desk.button("Điền vào hồ sơ").click()
    name = desk.page.get_by_label("Họ và tên người nộp")
    expect(name).to_have_value(NGOC["name"])
    expect(name).to_have_attribute("readonly", "")
    expect(desk.page.get_by_label("Địa chỉ liên hệ")).to_have_value(re.compile("Phường Hồng Bàng, Hải Phòng"))
    expect(desk.page.get_by_label("Số điện thoại")).to_be_focused()
    desk.page.evaluate("scrollTo(0, 250)")
    desk.picture("08-filled-and-locked")
    desk.check_accessibility()
    desk.button("Mở khóa để sửa").click()
    expect(name).not_to_have_attribute("readonly", "")


def test_what_the_register_does_not_know_says_so(desk: Desk) -> None:
    desk.log_in()
    desk.new_case(person={"name": "PHẠM VĂN THỌ", "number": "100021000061", "birth": "1921"})
    outcome = desk.ask(SHARE, "Kết nối thông tin")
    expect(outcome).to_contain_text("Công dân tồn tại")
    expect(desk.dialog.locator(".record .missing").first).to_have_text("Chưa có thông tin")
    desk.picture("09-share-missing")


def test_a_household_tells_members_strangers_and_unknowns_apart(desk: Desk) -> None:
    desk.log_in()
    desk.new_case()
    desk.button(HOUSEHOLD).click()
    desk.dialog.get_by_label("Số CCCD/CMND thành viên 1").fill("100088000002")
    for number in ("100216000003", "100045000011", "100999000008"):
        desk.page.keyboard.press("Enter")
        desk.page.keyboard.type(number)
    desk.picture("10-household")
    desk.check_accessibility()
    desk.dialog.get_by_role("button", name="Xác thực thông tin").click()
    expect(desk.dialog.locator(".outcome")).to_contain_text("Là chủ hộ")
    results = ["Là thành viên", "Là thành viên", "Không phải thành viên", "Chưa xác định"]
    expect(desk.dialog.locator(".member .badge")).to_have_text(results)
    desk.picture("11-household-members")
    desk.check_accessibility()


def test_members_of_somebody_who_is_no_head_are_unknown(desk: Desk) -> None:
    desk.log_in()
    desk.new_case(person={"name": "LƯƠNG VĂN CẢ", "number": "100062000101", "birth": "1962"})
    desk.button(HOUSEHOLD).click()
    desk.dialog.get_by_label("Họ và tên chủ hộ").fill("NGUYỄN THỊ MINH NGỌC")
    desk.dialog.get_by_label("Số CCCD/CMND").first.fill("100190000001")
    desk.dialog.get_by_label("Ngày sinh").fill("1991")
    desk.dialog.get_by_label("Số CCCD/CMND thành viên 1").fill("100088000002")
    desk.dialog.get_by_role("button", name="Xác thực thông tin").click()
    expect(desk.dialog.locator(".outcome")).to_contain_text("Công dân không tồn tại")
    expect(desk.dialog.locator(".member .badge")).to_have_text("Chưa xác định")


def test_repeated_and_impossible_members_are_refused_before_anybody_is_asked(desk: Desk) -> None:
    desk.log_in()
    desk.new_case()
    desk.button(HOUSEHOLD).click()
    asked: list[str] = []
    desk.page.on("request", lambda request: asked.append(request.url))
    desk.dialog.get_by_label("Số CCCD/CMND thành viên 1").fill("100088000002")
    for number in ("100088000002", "12"):
        desk.page.keyboard.press("Enter")
        desk.page.keyboard.type(number)
    desk.dialog.get_by_role("button", name="Xác thực thông tin").click()
    expect(desk.dialog.locator(".member .error").first).to_have_text("Số này bị lặp lại.")
    expect(desk.dialog.locator(".member .error").last).to_contain_text("12 chữ số")
    assert asked == []


def test_a_scanned_card_fills_the_form(desk: Desk) -> None:
    desk.log_in()
    desk.new_case(person={"name": "", "number": "", "birth": ""})
    scan = desk.page.get_by_label("Mã QR trên thẻ CCCD")
    scan.fill(CARD_CODE)
    scan.press("Enter")
    expect(desk.page.get_by_label("Họ và tên người nộp")).to_have_value(NGOC["name"])
    expect(desk.page.get_by_label("Số CCCD/CMND").first).to_have_value(NGOC["number"])
    expect(desk.page.get_by_label("Ngày sinh").first).to_have_value(NGOC["birth"])
    expect(desk.button(VERIFY)).to_be_focused()
    scan.fill("https://example.vn")
    scan.press("Enter")
    expect(desk.page.get_by_text("Không phải mã QR của thẻ CCCD")).to_be_visible()
    # It is the scanner's fault, not the form's.
    desk.button("Lưu hồ sơ").click()
    desk.heading("Tiến độ").wait_for()


def test_the_form_asks_with_keys_alone(desk: Desk) -> None:
    desk.log_in()
    desk.new_case()
    desk.page.keyboard.press("F2")
    expect(desk.heading(VERIFY)).to_be_visible()
    desk.page.keyboard.press("Escape")
    desk.page.keyboard.press("F4")
    expect(desk.heading("Kiểm tra thông tin công dân")).to_be_visible()
    desk.page.keyboard.press("Escape")
    desk.page.keyboard.press("F8")
    expect(desk.dialog.get_by_text("Danh sách thành viên")).to_be_visible()


@pytest.mark.parametrize(
    ("number", "code", "words"),
    [
        ("100999000001", "population-database-timeout", "chưa trả lời kịp"),
        ("100999000002", "population-database-error", "Không kết nối được"),
        ("100999000003", "population-database-refused", "từ chối yêu cầu"),
        ("100999000004", "population-database-refused", "từ chối yêu cầu"),
        ("100999000005", "population-database-mismatch", "trả về người khác"),
        ("100999000006", "population-database-error", "Không kết nối được"),
    ],
)
def test_a_failed_lookup_never_looks_like_an_answer(desk: Desk, number: str, code: str, words: str) -> None:
    desk.log_in()
    desk.new_case(person=NGOC | {"number": number})
    outcome = desk.ask(VERIFY, "Xác thực thông tin")
    expect(outcome).to_have_attribute("data-code", code)
    expect(outcome).to_have_class(re.compile("failure"))
    expect(outcome).to_contain_text(words)
    expect(outcome).to_contain_text("không có nghĩa là công dân không tồn tại")
    expect(outcome).to_contain_text("Cần làm:")
    expect(outcome).to_contain_text("Mã yêu cầu:")
    expect(desk.dialog.locator("[data-result]")).to_have_count(0)
    desk.picture(f"12-failure-{number[-1]}-{code}")
    desk.check_accessibility()
    desk.close_dialog()
    expect(desk.page.locator(".person .standing")).to_be_empty()


def test_a_slow_lookup_says_that_it_waits_and_then_answers(desk: Desk) -> None:
    desk.log_in()
    desk.new_case(person=NGOC | {"number": "100999000007"})
    desk.button(VERIFY).click()
    desk.dialog.get_by_role("button", name="Xác thực thông tin").click()
    expect(desk.dialog.locator(".waiting")).to_contain_text("1 giây")
    desk.picture("13-waiting")
    desk.check_accessibility()
    expect(desk.dialog.locator(".outcome")).to_contain_text("Công dân không tồn tại")


def test_an_officer_without_a_number_learns_what_to_do(desk: Desk) -> None:
    desk.log_in("receiver3")
    desk.new_case()
    outcome = desk.ask(VERIFY, "Xác thực thông tin")
    expect(outcome).to_have_attribute("data-code", "officer-id-missing")
    expect(outcome).to_contain_text("Đề nghị quản trị bổ sung số định danh")


def test_without_an_answer_from_the_service_nothing_is_claimed(desk: Desk) -> None:
    desk.log_in()
    desk.new_case()
    desk.page.route("**/verify/id-card", lambda route: route.abort())
    outcome = desk.ask(VERIFY, "Xác thực thông tin")
    expect(outcome).to_have_attribute("data-code", "no-answer")
    desk.page.unroute("**/verify/id-card")
    desk.button("Thử lại").click()
    expect(desk.dialog.locator(".outcome")).to_contain_text("Công dân tồn tại")


def test_a_budget_that_is_used_up_counts_down_and_then_lets_ask_again(desk: Desk) -> None:
    desk.log_in()
    desk.new_case()
    problem = {
        "type": "/problems/lookup-budget-exceeded",
        "title": "Tra cứu quá nhiều",
        "status": 429,
        "detail": "Đã vượt quá hạn mức tra cứu (số lượt tra cứu, của cán bộ); hãy thử lại sau.",
        "code": "lookup-budget-exceeded",
        "request_id": "r",
    }
    desk.page.route(
        "**/verify/id-card",
        lambda route: route.fulfill(
            status=429,
            body=json.dumps(problem),
            headers={"Content-Type": "application/problem+json", "Retry-After": "2"},
        ),
        times=1,
    )
    outcome = desk.ask(VERIFY, "Xác thực thông tin")
    expect(outcome).to_contain_text("Đã hết số lượt tra cứu cho phép")
    expect(desk.button("Thử lại")).to_be_disabled()
    expect(desk.button("Thử lại")).to_be_enabled()
    desk.button("Thử lại").click()
    expect(desk.dialog.locator(".outcome")).to_contain_text("Công dân tồn tại")


def test_what_was_confirmed_goes_when_the_person_or_the_procedure_changes(desk: Desk) -> None:
    desk.log_in()
    desk.new_case()
    desk.ask(SHARE, "Kết nối thông tin")
    desk.button("Điền vào hồ sơ").click()
    standing = desk.page.locator(".person .standing")
    expect(standing).to_contain_text("Công dân tồn tại")
    desk.page.get_by_label("Thủ tục").first.select_option("1.004222")
    expect(standing).to_be_empty()
    expect(desk.page.get_by_label("Họ và tên người nộp")).not_to_have_attribute("readonly", "")
    expect(desk.page.locator(".save-bar")).not_to_contain_text("lượt tra cứu")
    desk.ask(VERIFY, "Xác thực thông tin")
    desk.close_dialog()
    expect(standing).to_contain_text("Công dân tồn tại")
    desk.page.get_by_label("Ngày sinh").first.fill("1990")
    expect(standing).to_be_empty()


def test_lookups_that_the_procedure_does_not_allow_cannot_be_asked(desk: Desk) -> None:
    desk.log_in()
    desk.new_case("2.000815")
    expect(desk.button(VERIFY)).to_be_enabled()
    expect(desk.button(SHARE)).to_be_disabled()
    expect(desk.button(HOUSEHOLD)).to_be_disabled()
