"""The history of a case on each real database: pages of any size, and what one page costs."""

import threading
from collections import Counter
from dataclasses import replace
from functools import partial

import pytest

from app.db import case_changes
from app.domain.case import Case
from app.domain.case_change import ChangeKind, FieldChange, HistoryEntry, HistoryPosition
from app.keys.sealing import Seal
from app.services.case_history import CaseHistory
from app.services.change_rows import ChangeRows
from tests.unit.cases.conftest import RECEIVER, Desk, SteppedClock

pytestmark = pytest.mark.anyio


class CountingSeal(Seal):
    """Counts what it opens, by threads."""

    def __init__(self) -> None:
        super().__init__(bytes(32))
        self.opened: Counter[int] = Counter()

    def unseal(self, sealed: bytes, *, place: str) -> bytes:
        self.opened[threading.get_ident()] += 1
        return super().unseal(sealed, place=place)


@pytest.fixture
def seal() -> CountingSeal:
    return CountingSeal()


@pytest.fixture
def history(desk: Desk, seal: CountingSeal) -> CaseHistory:
    return CaseHistory(database=desk.database, seal=seal)


async def edit(desk: Desk, seal: Seal, case: Case, *, times: int, size: int = 1, members: int = 1) -> Case:
    """Put changes of a case on record as an edit does."""
    rows, kind = ChangeRows(seal), ChangeKind.DETAILS_CHANGED
    fields = tuple(FieldChange(f"member-{index}", None, "a" * size) for index in range(members))
    for _ in range(times):
        case = replace(case, version=case.version + 1)
        columns = rows.columns(RECEIVER, case, kind, fields, note=None, at=desk.clock())
        await desk.database.change(partial(case_changes.append_change, columns=columns))
    return case


async def pages(history: CaseHistory, number: str, *, limit: int) -> list[tuple[HistoryEntry, ...]]:
    found: list[tuple[HistoryEntry, ...]] = []
    after: HistoryPosition | None = None
    while True:
        page = await history.history(RECEIVER, number, after=after, limit=limit)
        found.append(page.entries)
        after = page.next_position
        if after is None:
            return found


async def test_pages_of_any_size_make_the_same_history(
    desk: Desk, seal: Seal, clock: SteppedClock, history: CaseHistory
) -> None:
    tied = [await desk.look_up() for _ in range(3)]
    case = await desk.register(lookup_ids=tuple(tied))
    number = case.receipt_number
    for _ in range(3):
        # At the same moment changes come first, each with its members in order, and then lookups.
        case = await edit(desk, seal, case, times=5, members=3)
        for result in ("exists", "population-database-error", "not_found"):
            await desk.look_up(result=result, receipt_number=number)
        clock.advance(minutes=1)
    (whole,) = await pages(history, number, limit=200)
    assert len(whole) == 3 + 1 + 3 * (15 + 3)
    assert sorted(whole, key=lambda entry: (entry.at, entry.order)) == list(whole)
    for limit in (1, 2, 4, 18, 57):
        found = await pages(history, number, limit=limit)
        assert [entry for page in found for entry in page] == list(whole)
        assert [len(page) for page in found[:-1]] == [limit] * (len(found) - 1)


async def test_a_page_opens_few_more_changes_than_it_shows_and_none_on_the_event_loop(
    desk: Desk, history: CaseHistory, seal: CountingSeal
) -> None:
    case = await edit(desk, seal, await desk.register(), times=60)
    page = await history.history(RECEIVER, case.receipt_number, after=None, limit=1)
    page = await history.history(RECEIVER, case.receipt_number, after=page.next_position, limit=1)
    assert page.next_position is not None
    assert sum(seal.opened.values()) <= 6
    assert threading.get_ident() not in seal.opened


async def test_a_page_ends_early_when_its_entries_are_large(
    desk: Desk, seal: Seal, history: CaseHistory
) -> None:
    case = await edit(desk, seal, await desk.register(), times=3, size=600_000, members=2)
    await desk.look_up(receipt_number=case.receipt_number)
    found = await pages(history, case.receipt_number, limit=200)
    assert [len(page) for page in found] == [1, 2, 2, 3]
    assert found[-1][-1].lookup_id is not None
    one_by_one = await pages(history, case.receipt_number, limit=1)
    assert [entry for page in one_by_one for entry in page] == [entry for page in found for entry in page]
