"""How much comes over the wire, how soon something is seen, and how it fits a tablet."""

import pytest
from playwright.sync_api import expect

from tests.browser.desk import TABLET, Desk

MOST_BYTES = 150_000
FIRST_PAINT_MS = 1_000
TRIES = 3

_BYTES = """() => performance.getEntries().filter((one) => one.name.includes('/console'))
  .reduce((sum, one) => sum + (one.transferSize ?? 0), 0)"""
_PAINT = """() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? null"""


def test_the_whole_console_is_small(desk: Desk) -> None:
    desk.log_in()
    desk.new_case()
    desk.button("Lưu hồ sơ").click()
    desk.heading("Tiến độ").wait_for()
    # What a receiver never opens is counted too.
    desk.page.evaluate(
        """() => Promise.all(['statistics', 'audit', 'access', 'lookups', 'procedures', 'directory',
          'account'].map((name) => import(`${location.origin}/console/page_${name}.js`)))"""
    )
    transferred = desk.page.evaluate(_BYTES)
    assert 20_000 < transferred < MOST_BYTES


def test_something_is_seen_within_a_second(desk: Desk) -> None:
    paints = []
    for _ in range(TRIES):
        desk.open()
        expect(desk.button("Đăng nhập")).to_be_visible()
        desk.page.wait_for_function(_PAINT)
        paints.append(desk.page.evaluate(_PAINT))
    assert min(paints) < FIRST_PAINT_MS


@pytest.mark.parametrize("page", ["Hồ sơ", "Thêm mới hồ sơ"])
def test_a_tablet_shows_every_page_without_scrolling_sideways(desk: Desk, page: str) -> None:
    desk.page.set_viewport_size(TABLET)
    desk.log_in()
    desk.go(page)
    # The page before has a heading too.
    desk.page.get_by_role("heading", level=1, name=page).wait_for()
    width = desk.page.evaluate("() => document.documentElement.scrollWidth")
    assert width <= TABLET["width"]
    desk.picture(f"33-tablet-{'form' if page.startswith('T') else 'list'}")
    desk.check_accessibility()


def test_the_layout_does_not_jump_when_lists_arrive(desk: Desk) -> None:
    desk.page.add_init_script(
        """globalThis.shift = 0;
        new PerformanceObserver((list) => list.getEntries().forEach((one) => {
          if (!one.hadRecentInput) globalThis.shift += one.value; }))
          .observe({type: 'layout-shift', buffered: true});"""
    )
    desk.log_in()
    desk.page.locator("tbody").wait_for()
    desk.page.wait_for_load_state("networkidle")
    assert desk.page.evaluate("shift") < 0.1


def test_the_first_thing_that_tab_reaches_leads_to_the_content(desk: Desk) -> None:
    desk.log_in()
    desk.page.locator("tbody").wait_for()
    desk.page.evaluate("document.activeElement.blur()")
    skip = desk.page.get_by_role("link", name="Đến nội dung chính")
    skip.focus()
    expect(skip).to_be_in_viewport()
    desk.page.keyboard.press("Enter")
    expect(desk.page.locator("main")).to_be_focused()
