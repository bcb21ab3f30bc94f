"""Counts lookups by kind and result, and takes our own share of their time.

The register's share is in the figures of the calls to it, the whole in those of the requests. None is taken
twice, since what a lookup pays for being measured counts as well (benchmarks/metering.py).
"""

import time
from dataclasses import dataclass, field
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram

from app.domain.lookup_budget import HolderKind, Measure
from app.domain.lookup_kind import LookupKind

# Seconds. Fine around the 5 and 25 ms that our own share of a lookup may take.
_BUCKETS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0)


@dataclass(slots=True)
class Stopwatch:
    """Takes the time of one lookup, from its permission to its OUTCOME."""

    began: float = field(default_factory=time.perf_counter)
    register_seconds: float = 0.0

    def asked(self, began: float) -> None:
        """Add a question to the register that began at this `time.perf_counter()` and just ended."""
        self.register_seconds += time.perf_counter() - began


class LookupMeter:
    """The figures of lookups. Every label is a word of the contract."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._lookups = Counter(
            "motcua_lookups",
            "Lookups by kind and result: the answer's, or the code of the refusal or failure.",
            ("kind", "result"),
            registry=registry,
        )
        self._budget_hits = Counter(
            "motcua_budget_hits",
            "Lookups that a budget refused, by whose budget and what it counts.",
            ("scope", "kind"),
            registry=registry,
        )
        seconds = Histogram(
            "motcua_lookup_own_seconds",
            "Time of lookups from permission to OUTCOME without waiting for the population database.",
            ("kind",),
            buckets=_BUCKETS,
            registry=registry,
        )
        # Looked up once: `labels` costs more than the counting.
        self._seconds = {kind: seconds.labels(kind.value) for kind in LookupKind}
        self._results: dict[tuple[LookupKind, str], Counter] = {}
        for scope in HolderKind:
            for measure in Measure:
                self._budget_hits.labels(scope.value, measure.value)

    def refused(self, kind: LookupKind, code: str) -> None:
        """Count a lookup that was refused before the register was asked; `code` is the error's."""
        self._result(kind, code).inc()

    def ended(self, kind: LookupKind, result: str, stopwatch: Stopwatch) -> None:
        """Count a lookup whose OUTCOME is durable, with its time."""
        self._result(kind, result).inc()
        own_seconds = time.perf_counter() - stopwatch.began - stopwatch.register_seconds
        self._seconds[kind].observe(own_seconds)

    def budget_hit(self, scope: str, kind: str) -> None:
        """Count a lookup that a budget refused: whose (officer, agency, client), and of what."""
        self._budget_hits.labels(scope, kind).inc()

    def _result(self, kind: LookupKind, result: str) -> Counter:
        found = self._results.get((kind, result))
        if found is None:
            found = self._results[kind, result] = self._lookups.labels(kind.value, result)
        return found
