"""From which counts on the snooping report tells of something; a part of the service's settings."""

from dataclasses import fields

from pydantic import Field
from pydantic_settings import BaseSettings

from app.domain.snooping import Thresholds


class SnoopingSettings(BaseSettings):
    """Thresholds of the report on signs of snooping."""

    snooping_never_tied: int = Field(
        20, ge=1, description="Lookups of one officer for no case, from which on the snooping report tells."
    )
    snooping_off_hours: int = Field(
        5, ge=1, description="Lookups of one officer outside working hours, from which on the report tells."
    )
    snooping_above_peers_lookups: int = Field(
        50, ge=1, description="Lookups of one officer, below which they are not compared with the peers'."
    )
    snooping_above_peers_factor: float = Field(
        3.0, gt=1, description="Times the median of the agency's other officers, from which on it tells."
    )
    snooping_same_person_officers: int = Field(
        4, ge=2, description="Officers who looked at one person, from which on the report tells."
    )
    snooping_misses_in_a_row: int = Field(
        8, ge=2, description="Lookups in a row that found nobody, from which on the report tells."
    )
    snooping_neighbours_in_a_row: int = Field(
        5, ge=2, description="Lookups in a row of neighbouring numbers, from which on the report tells."
    )
    snooping_neighbours_distance: int = Field(
        20, ge=1, description="Difference up to which two numbers are neighbours."
    )

    @property
    def snooping_thresholds(self) -> Thresholds:
        """From which counts on the snooping report tells of something."""
        names = (threshold.name for threshold in fields(Thresholds))
        return Thresholds(**{name: getattr(self, f"snooping_{name}") for name in names})
