"""Opens the way to the population database that the settings name."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final, assert_never

from app.adapters.population.mock import MockPopulationDatabase
from app.adapters.population.population_file import open_population
from app.adapters.population.port import PopulationDatabase
from app.settings import Settings

SANDBOX_POPULATION: Final = Path(__file__).parents[2] / "sandbox" / "population.json"
"""The sandbox's own people, used unless the settings name another file."""


@asynccontextmanager
async def open_population_database(settings: Settings) -> AsyncIterator[PopulationDatabase]:
    """Give the population database while the service runs.

    Raises:
        PopulationFileError: the mock's file cannot be used.
    """
    match settings.npd_profile:
        case "mock":
            with open_population(settings.sandbox_population_file or SANDBOX_POPULATION) as population:
                yield MockPopulationDatabase(population, deadline_seconds=settings.npd_timeout_seconds)
        case unreachable:
            assert_never(unreachable)
