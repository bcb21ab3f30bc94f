"""What an export for the national portal reads of a case, on each real database."""

from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

import pytest

from app.db import case_changes
from app.domain.case import Case
from app.domain.case_change import ChangeKind, FieldChange
from app.domain.case_status import CaseStatus, Channel
from app.domain.working_time import VIETNAM_TIME
from app.keys.sealing import Sealer
from app.services.case_rows import CaseRows
from app.services.change_rows import ChangeRows
from app.services.operator_audit import OperatorAuditLog
from app.services.portal_export import PortalExport
from tests.unit.cases.conftest import CALENDAR, RECEIVER, Desk, SteppedClock

pytestmark = pytest.mark.anyio


@pytest.fixture
def export(desk: Desk, sealer: Sealer) -> PortalExport:
    return PortalExport(
        database=desk.database,
        audit=OperatorAuditLog(desk.database, sealer, desk.clock, made_by="cli:operator"),
        rows=CaseRows(sealer, lambda: CALENDAR),
        changes=ChangeRows(sealer),
        clock=desk.clock,
    )


async def change(desk: Desk, sealer: Sealer, case: Case, *, status: CaseStatus) -> Case:
    """Put a change of a case on record as a step or an edit does."""
    is_step = case.status is not status
    changed = replace(case, version=case.version + 1, status=status)
    columns = ChangeRows(sealer).columns(
        RECEIVER,
        changed,
        ChangeKind.STATUS_CHANGED if is_step else ChangeKind.DETAILS_CHANGED,
        (FieldChange("status" if is_step else "note", "a", "b"),),
        note=f"to {status}",
        at=desk.clock(),
    )
    await desk.database.change(partial(case_changes.append_change, columns=columns))
    return changed


def written(moment: datetime) -> str:
    return moment.astimezone(VIETNAM_TIME).strftime("%Y%m%d%H%M%S")


async def test_a_case_is_told_as_received_when_it_first_was(
    desk: Desk, sealer: Sealer, clock: SteppedClock, export: PortalExport
) -> None:
    case = await desk.register(channel=Channel.ONLINE)
    assert case.status is not CaseStatus.RECEIVED
    only_sent = await desk.register(channel=Channel.ONLINE)
    received_at = clock.now + timedelta(minutes=1)
    for status in (CaseStatus.RECEIVED, CaseStatus.RECEIVED, CaseStatus.IN_PROGRESS, CaseStatus.RECEIVED):
        clock.advance(minutes=1)
        case = await change(desk, sealer, case, status=status)
    told = [exported.messages async for exported in export.messages(after=0)]
    cases = [messages[0]["data"][0] for messages in told]
    assert [found["NgayTiepNhan"] for found in cases if found["MaHoSo"] == case.receipt_number] == [
        written(received_at)
    ] * 5
    assert [found["NgayTiepNhan"] for found in cases if found["MaHoSo"] == only_sent.receipt_number] == [""]
    assert told[2][1]["data"][0]["NoiDungXuLy"] == "to received"


async def test_an_export_reads_what_changes_say_once(
    desk: Desk, sealer: Sealer, export: PortalExport, statements: list[str]
) -> None:
    case = await desk.register()
    for _ in range(3):
        case = await change(desk, sealer, case, status=case.status)
    statements.clear()
    assert [exported.sequence async for exported in export.messages(after=0)] == [1, 2, 3, 4]
    # All of them, and that there are no more.
    assert len([statement for statement in statements if "details_sealed" in statement]) == 2
