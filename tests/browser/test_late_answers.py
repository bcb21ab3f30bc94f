"""Answers that come late, and answers that are none: neither may say anything of the person on the screen."""

import json
from typing import Any

import pytest
from playwright.sync_api import Route, expect

from tests.browser.desk import NGOC, Desk

VERIFY = "Xác nhận CCCD-CMND"
SHARE = "Kiểm tra thông tin"
# Answered after two seconds, as nobody's.
SLOW = NGOC | {"number": "100999000007"}
ODD: dict[str, Any] = {
    "lookup_id": "01a22297-0377-7872-935d-c5869101b9a3",
    "result": "perhaps",
    "message": "Chưa rõ",
    "warnings": [],
    "source": {"profile": "mock", "is_test_data": True, "answered_at": "2026-11-28T21:46:46+07:00"},
    "audit": {"sequence": 1, "tree_size": 2},
}


def _leave_while_it_is_asked(desk: Desk) -> None:
    desk.button(VERIFY).click()
    desk.dialog.get_by_role("button", name="Xác thực thông tin").click()
    desk.dialog.locator(".waiting").wait_for()
    desk.close_dialog()


def test_a_late_answer_says_nothing_of_another_person(desk: Desk) -> None:
    desk.log_in()
    desk.new_case(person=SLOW)
    with desk.page.expect_response("**/verify/id-card"):
        _leave_while_it_is_asked(desk)
        desk.type_person(NGOC)
    # The lookup was made all the same, and is saved with the case.
    expect(desk.page.locator(".save-bar")).to_contain_text("1 lượt tra cứu")
    expect(desk.page.locator(".person .standing")).to_be_empty()


def test_a_late_answer_is_not_tied_to_a_case_of_another_procedure(desk: Desk) -> None:
    desk.log_in()
    desk.new_case(person=SLOW)
    with desk.page.expect_response("**/verify/id-card"):
        _leave_while_it_is_asked(desk)
        desk.page.get_by_label("Thủ tục").first.select_option("1.004222")
    desk.button("Lưu hồ sơ").click()
    desk.heading("Tiến độ").wait_for()
    expect(desk.page.get_by_text("Chưa có lượt tra cứu nào.")).to_be_visible()


def test_a_late_answer_about_the_person_who_is_still_there_is_shown(desk: Desk) -> None:
    desk.log_in()
    desk.new_case(person=SLOW)
    _leave_while_it_is_asked(desk)
    expect(desk.page.locator(".person .standing")).to_contain_text("Công dân không tồn tại")


@pytest.mark.parametrize(
    ("opener", "action", "path"),
    [
        (VERIFY, "Xác thực thông tin", "**/verify/id-card"),
        (SHARE, "Kết nối thông tin", "**/citizens/share"),
    ],
)
def test_a_result_that_the_contract_does_not_know_is_no_answer(
    desk: Desk, opener: str, action: str, path: str
) -> None:
    def answer(route: Route) -> None:
        route.fulfill(body=json.dumps(ODD), content_type="application/json")

    desk.log_in()
    desk.new_case()
    desk.page.route(path, answer)
    outcome = desk.ask(opener, action)
    expect(outcome).to_have_attribute("data-code", "unexpected-answer")
    expect(outcome).to_contain_text("Kết quả chưa được biết")
    # There is none to report, so none is promised.
    expect(outcome).not_to_contain_text("mã yêu cầu")
    expect(desk.dialog.locator("[data-result]")).to_have_count(0)
    desk.close_dialog()
    expect(desk.page.locator(".person .standing")).to_be_empty()
    expect(desk.page.locator(".save-bar")).not_to_contain_text("lượt tra cứu")


def test_a_household_with_an_unknown_result_is_no_answer(desk: Desk) -> None:
    odd = ODD | {
        "head": {"result": "confirmed", "message": "Là chủ hộ"},
        "members": [{"position": 1, "id_number": "100********2", "result": "perhaps", "message": "Chưa rõ"}],
    }
    desk.log_in()
    desk.new_case()
    desk.page.route(
        "**/verify/household-head",
        lambda route: route.fulfill(body=json.dumps(odd), content_type="application/json"),
    )
    desk.button("Xác nhận chủ hộ").click()
    desk.dialog.get_by_label("Số CCCD/CMND thành viên 1").fill("100164000102")
    desk.dialog.get_by_role("button", name="Xác thực thông tin").click()
    expect(desk.dialog.locator(".outcome")).to_have_attribute("data-code", "unexpected-answer")
    expect(desk.dialog.locator("[data-result]")).to_have_count(0)


def test_what_was_said_of_a_household_goes_with_its_head_who_cannot_change_while_it_is_asked(
    desk: Desk,
) -> None:
    desk.log_in()
    desk.new_case(person=SLOW)
    desk.button("Xác nhận chủ hộ").click()
    desk.dialog.get_by_label("Số CCCD/CMND thành viên 1").fill("100164000102")
    desk.dialog.get_by_role("button", name="Xác thực thông tin").click()
    desk.dialog.locator(".waiting").wait_for()
    assert desk.dialog.locator("[inert] input").count() > 1
    outcome = desk.dialog.locator(".outcome")
    expect(outcome).to_be_visible()
    assert desk.dialog.locator("[inert]").count() == 0
    expect(desk.dialog.locator(".member [data-result]")).to_have_count(1)
    desk.dialog.get_by_label("Họ và tên chủ hộ").fill("LƯƠNG VĂN CẢ")
    expect(outcome).to_have_count(0)
    expect(desk.dialog.locator(".member [data-result]")).to_have_count(0)


def held_registration(desk: Desk) -> Route:
    """Log in and save a case; the answer is held until the route goes on."""
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    desk.log_in()
    desk.new_case()
    desk.page.route("**/cases", hold)
    with desk.page.expect_request("**/cases"):
        desk.button("Lưu hồ sơ").click()
    return held[0]


def test_a_late_registration_leads_nobody_away_from_what_he_does_next(desk: Desk) -> None:
    route = held_registration(desk)
    desk.go("Hồ sơ")
    desk.button("Rời trang").click()
    desk.heading("Tiếp nhận hồ sơ").wait_for()
    with desk.page.expect_response("**/cases") as answer:
        route.continue_()
    told = desk.page.get_by_role("status").filter(has_text="Đã lưu hồ sơ")
    expect(told.get_by_role("link")).to_have_text(answer.value.json()["receipt_number"])
    expect(desk.heading("Tiếp nhận hồ sơ")).to_be_visible()
    desk.check_accessibility()


def test_a_registration_that_ends_behind_the_lock_is_shown_to_who_comes_back(desk: Desk) -> None:
    route = held_registration(desk)
    desk.button("Khóa").click()
    desk.page.locator("dialog.lock").wait_for()
    with desk.page.expect_response("**/cases") as answer:
        route.continue_()
    desk.page.get_by_label("Mật khẩu").fill("sandbox")
    desk.page.keyboard.press("Enter")
    number = desk.page.get_by_role("heading", level=1).locator(".number")
    expect(number).to_have_text(answer.value.json()["receipt_number"])
    expect(desk.dialog).to_have_count(0)


@pytest.mark.parametrize(
    ("is_answered", "words"),
    [
        (True, "Đã lưu thủ tục 9.000003."),
        (False, "Thêm thủ tục: thay đổi vừa gửi chưa được lưu, hoặc chưa rõ đã lưu hay chưa."),
    ],
)
def test_what_became_of_an_entry_is_told_on_the_next_page(
    desk: Desk, *, is_answered: bool, words: str
) -> None:
    held: list[Route] = []

    def hold(route: Route) -> None:
        if route.request.method == "PUT":
            held.append(route)
        else:
            route.fulfill(status=404)

    desk.log_in("admin")
    desk.page.route("**/procedures/9.000003", hold)
    desk.button("Thêm thủ tục").click()
    desk.dialog.get_by_label("Mã thủ tục").fill("9.000003")
    desk.dialog.get_by_label("Tên thủ tục").fill("Thủ tục lưu chậm")
    with desk.page.expect_request(lambda request: request.method == "PUT"):
        desk.button("Lưu thủ tục").click()
    desk.page.evaluate("location.hash = '#/danh-ba'")
    desk.button("Rời trang").click()
    desk.heading("Cơ quan, cán bộ, hệ thống").wait_for()
    if is_answered:
        held[0].continue_()
    else:
        held[0].abort()
    expect(desk.page.get_by_role("status").filter(has_text=words)).to_be_visible()
    expect(desk.heading("Cơ quan, cán bộ, hệ thống")).to_be_visible()
