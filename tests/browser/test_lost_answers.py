"""Answers that a proxy lost: nobody knows what became of the request, and nobody is told that he does."""

import json
from typing import Final

from playwright.sync_api import Route, expect

from tests.browser.desk import Desk

# As nginx as shipped answers where the service's answer was lost.
LOST: Final = {
    "type": "/problems/service-unavailable",
    "title": "Dịch vụ tạm thời không sẵn sàng",
    "status": 503,
    "detail": "Dịch vụ đang bận hoặc đang bảo trì; trước khi gửi lại hãy kiểm tra xem đã được lưu chưa.",
    "instance": "/requests/0123456789abcdef",
    "code": "service-unavailable",
    "request_id": "0123456789abcdef",
}


def _lose_the_first_answer(desk: Desk, path: str, method: str) -> None:
    """Let the first request be done, and the proxy answer in the service's place."""
    done: list[int] = []

    def answer(route: Route) -> None:
        if route.request.method != method or done:
            route.continue_()
            return
        done.append(route.fetch().status)
        route.fulfill(status=503, content_type="application/problem+json", body=json.dumps(LOST))

    desk.page.route(path, answer)


def test_a_registration_that_may_have_been_saved_can_be_sent_again(desk: Desk) -> None:
    desk.log_in()
    desk.new_case()
    _lose_the_first_answer(desk, "**/cases", "POST")
    desk.button("Lưu hồ sơ").click()
    expect(desk.page.locator(".outcome")).to_have_attribute("data-code", "service-unavailable")
    expect(desk.page.get_by_text("Bấm lưu lại là an toàn")).to_be_visible()
    desk.button("Lưu hồ sơ").click()
    desk.heading("Tiến độ").wait_for()


def test_a_change_that_may_be_ones_own_is_not_called_a_colleagues(desk: Desk) -> None:
    desk.log_in()
    number = desk.register()
    _lose_the_first_answer(desk, f"**/cases/{number}", "PATCH")
    desk.button("Sửa hồ sơ").click()
    desk.dialog.get_by_label("Số điện thoại").fill("0912 345 678")
    for code in ("service-unavailable", "precondition-failed"):
        desk.button("Lưu thay đổi").click()
        expect(desk.dialog.locator(".outcome")).to_have_attribute("data-code", code)
    expect(desk.dialog).to_contain_text("có thể chính thay đổi của bạn đã được lưu")


def test_an_entry_that_one_may_have_added_oneself_is_not_taken(desk: Desk) -> None:
    desk.log_in("admin")
    _lose_the_first_answer(desk, "**/procedures/9.000004", "PUT")
    desk.button("Thêm thủ tục").click()
    desk.dialog.get_by_label("Mã thủ tục").fill("9.000004")
    desk.dialog.get_by_label("Tên thủ tục").fill("Thủ tục mất câu trả lời")
    desk.button("Lưu thủ tục").click()
    expect(desk.dialog.locator(".outcome")).to_have_attribute("data-code", "service-unavailable")
    # A refusal of what is sent next does not change whose the entry is.
    days = desk.dialog.get_by_label("Số ngày làm việc")
    days.fill("100000")
    desk.button("Lưu thủ tục").click()
    expect(days).to_have_attribute("aria-invalid", "true")
    days.fill("4")
    desk.button("Lưu thủ tục").click()
    expect(desk.page.get_by_text("Đã lưu thủ tục 9.000004.")).to_be_visible()
