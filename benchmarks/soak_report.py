"""Writes what a soak came to, and whether it passes."""

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from benchmarks.growth import MOST_GROWTH, WARM_MINUTES, Sample, by_minute, growth_per_minute
from benchmarks.mixed_load import Done, Lookup

OWN_P50_MS: Final = 5.0
OWN_P99_MS: Final = 25.0
AFTERMATH_SECONDS: Final = 5.0
"""How long after it was healed a fault still counts: circuits close, connections come back."""


@dataclass(frozen=True, slots=True)
class Window:
    """A fault: in which minute of the run, how often, and its time in seconds of `time.monotonic`."""

    minute: float
    fault: str
    times: int
    began: float
    healed: float

    def touches(self, lookup: Lookup) -> bool:
        """Tell whether a lookup was under way while the fault lasted or shortly after."""
        ended = lookup.began + lookup.seconds
        return ended >= self.began and lookup.began <= self.healed + AFTERMATH_SECONDS


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that is known at the end."""

    capacity: float
    done: Done
    windows: list[Window]
    samples: list[Sample]
    logs: list[Path]
    lost: list[str]
    receipts: list[str]
    """Days whose receipt numbers have gaps or repeats, and keys that have no case or more than one."""
    wrong: list[str] = field(repr=False)
    """Invariants that do not hold, and answers that no fault explains."""
    verifier: tuple[int, str]


def told(report: Report) -> tuple[list[str], bool]:
    """Write the lines, and whether nothing was lost and memory is flat."""
    growth = growth_per_minute(report.samples)
    is_flat = growth is None or growth <= MOST_GROWTH
    is_whole = not (report.lost or report.receipts or report.wrong or report.verifier[0])
    lines = [
        *_rows(report),
        *_speed(report),
        *_memory(report.samples, growth),
        "",
        "faults (minute, fault, times, seconds, until the next lookup was answered):",
        *_faults(report),
        "",
        "answers by status and code:",
        *(f"  {number:>8}  {what}" for what, number in report.done.ledger.statuses.most_common()),
        *(f"WRONG: {what}" for what in (report.wrong + report.receipts + report.lost)[:20]),
    ]
    return lines, is_whole and is_flat


def _rows(report: Report) -> Iterator[str]:
    ledger = report.done.ledger
    yield f"capacity: {report.capacity:.0f} requests a second; made: {report.done.per_second:.0f}"
    yield (
        f"acknowledged: {ledger.acknowledged}: {len(ledger.lookups)} lookups, {len(ledger.cases)} "
        f"registrations, {len(ledger.moved)} steps; besides {_read(report)} lists, searches and reports"
    )
    yield f"lost: {len(report.lost)}"
    yield f"duplicates and gaps of receipt numbers: {len(report.receipts)}"
    yield f"what no fault explains: {len(report.wrong)}"
    yield f"verifier: {report.verifier[0]}: {report.verifier[1]}"


def _read(report: Report) -> int:
    return sum(report.done.answered[kind] for kind in ("list", "search", "report"))


def _speed(report: Report) -> Iterator[str]:
    calls = calls_to_the_register(report.logs)
    lookups = report.done.lookups
    calm = [lookup for lookup in lookups if not any(window.touches(lookup) for window in report.windows)]
    bar = f"bar p50 {OWN_P50_MS:g}, p99 {OWN_P99_MS:g}"
    for where, some in (("outside the faults", calm), ("overall", lookups)):
        own = sorted(1000 * lookup.seconds - calls.get(lookup.request_id, 0.0) for lookup in some)
        whole = sorted(1000 * lookup.seconds for lookup in some)
        yield f"own share of lookups {where} in ms, {len(own)} of them: {_shares(own)} ({bar})"
        yield f"  with the register: {_shares(whole)}"


def _shares(ordered: list[float]) -> str:
    if not ordered:
        return "none"
    p50, p99 = (ordered[min(len(ordered) * percent // 100, len(ordered) - 1)] for percent in (50, 99))
    return f"p50 {p50:.1f}, p99 {p99:.1f}"


def calls_to_the_register(logs: list[Path]) -> dict[str, float]:
    """Read from logs of the service how many ms each request waited for the register, by the request's id."""
    calls: dict[str, float] = defaultdict(float)
    for log in logs:
        with log.open(encoding="utf-8", errors="replace") as lines:
            for line in lines:
                if '"population-call"' in line:
                    entry = json.loads(line)
                    calls[entry["request_id"]] += entry["duration_ms"]
    return calls


def _memory(samples: list[Sample], growth: float | None) -> Iterator[str]:
    yield f"memory of the worker in MB, by minute: {' '.join(f'{size:.0f}' for size in by_minute(samples))}"
    how = f"slope after each process' first {WARM_MINUTES:g} minutes, its largest step left out"
    if growth is None:
        yield f"memory: not judged, no process lived long enough for a {how}"
        return
    word = "flat" if growth <= MOST_GROWTH else "GROWS"
    yield f"memory: {word}, {growth:+.2f} MB a minute ({how}; at most {MOST_GROWTH:g})"


def _faults(report: Report) -> Iterator[str]:
    for window in report.windows:
        first = min(
            (
                lookup.began + lookup.seconds
                for lookup in report.done.lookups
                if lookup.began >= window.healed
            ),
            default=float("inf"),
        )
        lasted, until = window.healed - window.began, first - window.healed
        yield (f"  {window.minute:5.1f}  {window.fault:34}  {window.times:>5}  {lasted:5.1f}  {until:5.2f}")
