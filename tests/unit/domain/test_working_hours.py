from datetime import time

import pytest

from app.domain.working_hours import parsed_periods, parsed_weekdays
from app.domain.working_time import DEFAULT_PERIODS, MONDAY_TO_FRIDAY
from app.settings.settings import Settings


def test_the_defaults_are_the_usual_hours_of_an_office() -> None:
    settings = Settings()
    assert settings.working_periods == DEFAULT_PERIODS
    assert settings.working_weekdays == MONDAY_TO_FRIDAY


def test_hours_may_have_any_number_of_periods_and_blanks_between() -> None:
    assert parsed_periods("08:00-16:00") == ((time(8), time(16)),)
    assert parsed_periods("07:00-11:30, 13:30-17:00") == (
        (time(7), time(11, 30)),
        (time(13, 30), time(17)),
    )


@pytest.mark.parametrize(
    "written",
    ["", "8:00-17:00", "08:00", "08:00-24:00", "08:60-09:00", "07:30-11:30,", "0８:00-17:00", "08:00–17:00"],
)
def test_hours_of_another_form_are_refused(written: str) -> None:
    with pytest.raises(ValueError, match="HH:MM-HH:MM"):
        parsed_periods(written)


@pytest.mark.parametrize(
    "written", ["17:00-08:00", "08:00-08:00", "13:00-17:00,07:30-11:30", "08:00-12:00,12:00-17:00"]
)
def test_hours_that_are_not_in_order_and_apart_are_refused(written: str) -> None:
    with pytest.raises(ValueError, match="in order and apart"):
        parsed_periods(written)


@pytest.mark.parametrize(
    ("written", "days"),
    [
        ("Mon-Fri", {0, 1, 2, 3, 4}),
        ("mon-fri,SAT", {0, 1, 2, 3, 4, 5}),
        ("Tue, Thu", {1, 3}),
        ("Sun", {6}),
        ("Mon-Mon", {0}),
    ],
)
def test_days_are_names_and_spans(written: str, days: set[int]) -> None:
    assert parsed_weekdays(written) == days


@pytest.mark.parametrize(
    "written", ["", "Monday", "Mon-", "-Fri", "Mon-Wed-Fri", "Mon,,Tue", "Fri-Mon", "1-5"]
)
def test_other_words_for_days_are_refused(written: str) -> None:
    with pytest.raises(ValueError, match="working days"):
        parsed_weekdays(written)


@pytest.mark.parametrize("values", [{"working_hours": "hunter2"}, {"working_days": "hunter2"}])
def test_the_service_does_not_start_with_hours_or_days_that_are_none(values: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="working") as refused:
        Settings.model_validate(values)
    assert "hunter2" not in str(refused.value)
