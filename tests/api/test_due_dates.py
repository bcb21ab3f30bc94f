"""GET /procedures/{code}/due-date: what a form shows before a case is saved."""

from datetime import date

import pytest

from app.db.engine import Database
from app.domain.day_override import NamedDay
from app.keys.sealing import Sealer
from app.services.calendar_changes import CalendarChanges
from app.services.operator_audit import OperatorAuditLog
from app.settings.settings import Settings
from tests.api.case_forms import form_with
from tests.api.conftest import Ask
from tests.conftest import NOON

pytestmark = pytest.mark.anyio

FIVE_DAYS = "/procedures/1.000894/due-date"


@pytest.mark.parametrize(
    ("received_at", "due_at", "days_off"),
    [
        # Monday with 7.5 h left; Tuesday 24/11 is off
        (
            "2026-11-23T08:00:00+07:00",
            "2026-12-01T08:00:00+07:00",
            {"2026-11-24": "Ngày Văn hóa Việt Nam"},
        ),
        # another offset, the same moment
        (
            "2026-11-23T01:00:00Z",
            "2026-12-01T08:00:00+07:00",
            {"2026-11-24": "Ngày Văn hóa Việt Nam"},
        ),
        # after the last close before 30/4: Wednesday 29/4, then Monday 4/5 to Thursday 7/5
        (
            "2026-04-28T17:00:00+07:00",
            "2026-05-07T17:00:00+07:00",
            {"2026-04-30": "Ngày Chiến thắng", "2026-05-01": "Ngày Quốc tế Lao động"},
        ),
        # Saturday 22/8 is worked, so the count ends before the days off that it makes up for
        ("2026-08-21T17:00:00+07:00", "2026-08-27T17:00:00+07:00", {}),
        # the year's end, with the day that the notice added
        (
            "2025-12-31T17:00:00+07:00",
            "2026-01-09T17:00:00+07:00",
            {
                "2026-01-01": "Tết Dương lịch",
                "2026-01-02": "Ngày nghỉ (thay cho ngày 10/01/2026)",
            },
        ),
    ],
)
async def test_the_due_date_comes_with_the_days_off_before_it(
    ask: Ask, received_at: str, due_at: str, days_off: dict[str, str]
) -> None:
    answer = await ask("receiver", "GET", FIVE_DAYS, params={"received_at": received_at})
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert told["due_at"] == due_at
    assert told["days_off"] == [{"date": day, "name": name} for day, name in days_off.items()]


async def test_without_a_time_it_is_the_due_date_of_a_case_received_now(ask: Ask) -> None:
    told = (await ask("portal", "GET", FIVE_DAYS)).json()
    assert told["received_at"] == "2026-11-23T12:00:00+07:00"
    case = (await ask("receiver", "POST", "/cases", json=form_with(procedure_code="1.000894"))).json()
    assert told["due_at"] == case["due_at"] == "2026-12-01T11:30:00+07:00"


@pytest.mark.parametrize(
    ("received_at", "code"),
    [
        ("2026-11-23T08:00:00", "invalid-time"),
        ("2026-11-23", "invalid-time"),
        ("", "invalid-time"),
        ("2019-12-31T08:00:00+07:00", "out-of-range"),
        ("2041-01-01T00:00:00+07:00", "out-of-range"),
        # received in the calendar's last hours, due beyond it
        ("2040-12-31T16:00:00+07:00", "out-of-range"),
    ],
)
async def test_a_time_for_which_there_is_no_calendar_is_refused(
    ask: Ask, received_at: str, code: str
) -> None:
    answer = await ask("receiver", "GET", FIVE_DAYS, params={"received_at": received_at})
    assert answer.status_code == 422
    assert [(error["pointer"], error["code"]) for error in answer.json()["errors"]] == [("received_at", code)]


async def test_an_unknown_procedure_has_no_due_date(ask: Ask) -> None:
    answer = await ask("receiver", "GET", "/procedures/9.999999/due-date")
    assert (answer.status_code, answer.json()["code"]) == (404, "not-found")


class TestOtherHours:
    """Working hours and days of a deployment's own."""

    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return settings.model_copy(
            update={"working_hours": "08:00-12:00,13:00-16:00", "working_days": "Mon-Sat"}
        )

    async def test_hours_count_where_a_day_has_not_eight(self, ask: Ask) -> None:
        # 40 h: 7 each from Monday 13/7 to Friday 17/7, then 5 on Saturday 18/7
        params = {"received_at": "2026-07-13T08:00:00+07:00"}
        answer = await ask("receiver", "GET", FIVE_DAYS, params=params)
        assert answer.json()["due_at"] == "2026-07-18T14:00:00+07:00"


class TestOverriddenDays:
    """Days that the deployment put over the calendar before the service started."""

    @pytest.fixture
    async def settings(self, settings: Settings, sealer: Sealer) -> Settings:
        database = Database(settings.database_url)
        audit = OperatorAuditLog(database, sealer, lambda: NOON, made_by="cli:operator")
        changes = CalendarChanges(database=database, audit=audit, clock=lambda: NOON)
        await changes.put(
            [
                NamedDay(date(2026, 11, 24), is_working=True, name="Làm việc"),
                NamedDay(date(2026, 11, 25), is_working=False, name="Nghỉ bão"),
                NamedDay(date(2026, 11, 28), is_working=True, name="Làm bù"),
            ]
        )
        await database.close()
        return settings

    async def test_due_dates_follow_them_in_the_form_and_in_cases(self, ask: Ask) -> None:
        # Monday afternoon 4 h, Tuesday, Thursday, Friday, Saturday 28/11: 36 h; 4 h on Monday 30/11
        told = (await ask("receiver", "GET", FIVE_DAYS)).json()
        assert told["due_at"] == "2026-11-30T11:30:00+07:00"
        assert told["days_off"] == [{"date": "2026-11-25", "name": "Nghỉ bão"}]
        case = (await ask("receiver", "POST", "/cases", json=form_with(procedure_code="1.000894"))).json()
        assert (case["due_at"], case["hours_left"]) == (told["due_at"], 40.0)

    async def test_an_auditor_reads_who_changed_them(self, ask: Ask) -> None:
        answer = await ask("auditor", "GET", "/audit/records", params={"kind": "CHANGE"})
        details = [item["record"]["details"] for item in answer.json()["items"]]
        assert {"day": "2026-11-25", "old": "built-in", "new": "off", "made_by": "cli:operator"} in details
