"""When the one-stop desks work; a part of the service's settings."""

from collections.abc import Sequence
from datetime import time

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings

from app.domain.working_hours import parsed_periods, parsed_weekdays


class WorkingTimeSettings(BaseSettings):
    """Hours of the day and days of the week; single days are `motcua calendar`'s business."""

    working_hours: str = Field(
        "07:30-11:30,13:00-17:00",
        description="Working hours of a day; a working day of a procedure's is 8 such hours.",
    )
    working_days: str = Field(
        "Mon-Fri", description="Working days of the week: names and spans, as `Mon-Fri,Sat`."
    )

    @field_validator("working_hours")
    @classmethod
    def _check_hours(cls, written: str) -> str:
        parsed_periods(written)
        return written

    @field_validator("working_days")
    @classmethod
    def _check_days(cls, written: str) -> str:
        parsed_weekdays(written)
        return written

    @property
    def working_periods(self) -> Sequence[tuple[time, time]]:
        """Opening and closing times of a day, in order."""
        return parsed_periods(self.working_hours)

    @property
    def working_weekdays(self) -> frozenset[int]:
        """Days of the week that are worked, Monday being 0."""
        return parsed_weekdays(self.working_days)
