"""Opens the way to the population database that the settings name."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final, assert_never

from app.adapters.population.channel.channel import open_channel
from app.adapters.population.channel.tls import TlsFileError, tls_context
from app.adapters.population.port import PopulationDatabase
from app.adapters.population.remote import RemotePopulationDatabase
from app.adapters.population.sandbox.mock import MockPopulationDatabase
from app.adapters.population.sandbox.population_file import (
    PopulationFileError,
    check_population,
    open_population,
)
from app.adapters.population.upstream import CallObserver
from app.adapters.population.wire.labels import LabelsFileError, read_labels
from app.adapters.population.wire.profiles import wire_for
from app.alerts import Alerts
from app.settings.settings import Settings

_SANDBOX: Final = Path(__file__).parents[2] / "sandbox"
SANDBOX_POPULATION: Final = _SANDBOX / "population.json"
"""The sandbox's own people, used unless the settings name another file."""
_SANDBOX_LABELS: Final = _SANDBOX / "labels.json"


class UnusableFileError(Exception):
    """A file that the settings name cannot be used; the text says which and why, without any value."""


def check_files(settings: Settings) -> None:
    """Look at the files that the settings name, before anything is started that needs them.

    Raises:
        UnusableFileError: one of them cannot be used.
    """
    try:
        if settings.npd_profile != "mock":
            read_labels(_labels_file(settings))
            tls_context(settings)
        elif settings.sandbox_population_file is not None:
            # Only whether it is one at all: reading a city's worth of people takes a while.
            check_population(settings.sandbox_population_file)
    except (LabelsFileError, TlsFileError, PopulationFileError) as exc:
        raise UnusableFileError(str(exc)) from exc


@asynccontextmanager
async def open_population_database(
    settings: Settings, observer: CallObserver, alerts: Alerts
) -> AsyncIterator[PopulationDatabase]:
    """Give the population database while the service runs; `observer` hears of the calls to a real one.

    Raises:
        PopulationFileError: the mock's file cannot be used.
        LabelsFileError: the file of labels cannot be used.
        TlsFileError: a certificate or key cannot be used.
    """
    match settings.npd_profile:
        case "mock":
            with open_population(settings.sandbox_population_file or SANDBOX_POPULATION) as population:
                yield MockPopulationDatabase(
                    population,
                    deadline_seconds=settings.npd_timeout_seconds,
                    household_strategy=settings.npd_household_strategy,
                )
        case "ndxp-soap" | "lgsp-soap" | "lgsp-json":
            wire = wire_for(settings, read_labels(_labels_file(settings)))
            async with open_channel(
                settings, raise_refusal=wire.raise_refusal, observer=observer, alerts=alerts
            ) as channel:
                yield RemotePopulationDatabase(
                    profile=settings.npd_profile,
                    wire=wire,
                    channel=channel,
                    url=str(settings.npd_url),
                    household_strategy=settings.npd_household_strategy,
                )
        case unreachable:
            assert_never(unreachable)


def _labels_file(settings: Settings) -> Path | None:
    return settings.npd_labels_file or (_SANDBOX_LABELS if settings.env == "sandbox" else None)
