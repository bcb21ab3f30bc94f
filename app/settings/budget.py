"""How much may be looked up; a part of the service's settings."""

from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings

from app.domain.lookup_budget import Limits


class BudgetSettings(BaseSettings):
    """Budgets of an officer, and how many times that an agency and a connected system have."""

    budgets: Literal["on", "off"] = Field(
        "on",
        description="Whether lookups are counted against budgets; `off` in the sandbox only, for load tests.",
    )
    budget_lookups_per_minute: int = Field(
        30, ge=1, le=100_000, description="Lookups that an officer may make within any minute."
    )
    budget_people_per_day: int = Field(
        300,
        ge=1,
        le=1_000_000,
        description="Different people, household members too, an officer may look up in a day (Vietnam's).",
    )
    budget_misses_per_10_minutes: int = Field(
        15, ge=1, le=100_000, description="Lookups of an officer that may find nobody within any ten minutes."
    )
    budget_agency_factor: int = Field(
        10, ge=1, le=10_000, description="How many times an officer's budgets an agency has."
    )
    budget_client_factor: int = Field(
        100, ge=1, le=100_000, description="How many times an officer's budgets a connected system has."
    )

    @property
    def budget_limits(self) -> Limits | None:
        """The limits; None where lookups are not counted."""
        if self.budgets == "off":
            return None
        return Limits(
            lookups=self.budget_lookups_per_minute,
            people=self.budget_people_per_day,
            misses=self.budget_misses_per_10_minutes,
            agency_factor=self.budget_agency_factor,
            client_factor=self.budget_client_factor,
        )
