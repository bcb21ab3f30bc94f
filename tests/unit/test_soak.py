"""What a soak is judged by: growth of memory, own share of lookups, and what was lost."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.growth import MOST_GROWTH, Sample, by_minute, growth_per_minute
from benchmarks.mixed_load import Done, Lookup
from benchmarks.soak_report import Report, Window, told
from tests.faults.storms.ledger import Ledger


def process(number: int, *, begin: float, minutes: int, level: float, growth: float) -> list[Sample]:
    return [
        Sample(begin + minute, number, level + 40 * min(minute, 4) + growth * minute)
        for minute in range(minutes)
    ]


def test_the_first_minutes_of_a_process_are_no_growth() -> None:
    assert growth_per_minute(process(1, begin=0, minutes=20, level=160, growth=0)) == pytest.approx(0)


def test_growth_is_found_over_processes_of_different_size() -> None:
    samples = process(1, begin=0, minutes=14, level=160, growth=2)
    samples += process(2, begin=14, minutes=14, level=90, growth=2)
    assert growth_per_minute(samples) == pytest.approx(2, rel=0.1)


@pytest.mark.parametrize("at", [6, 12, 18, 24])
def test_one_step_is_no_growth_and_a_second_one_is(at: int) -> None:
    samples = process(1, begin=0, minutes=30, level=160, growth=0)
    stepped = [replace(one, megabytes=one.megabytes + 25 * (one.minute >= at)) for one in samples]
    assert growth_per_minute(stepped) == pytest.approx(0)
    stairs = [replace(one, megabytes=one.megabytes + 25 * (one.minute // 8)) for one in samples]
    growth = growth_per_minute(stairs)
    assert growth is not None
    assert growth > MOST_GROWTH


def test_a_step_hides_no_growth() -> None:
    samples = process(1, begin=0, minutes=30, level=160, growth=1)
    stepped = [replace(one, megabytes=one.megabytes + 25 * (one.minute >= 16)) for one in samples]
    growth = growth_per_minute(stepped)
    assert growth is not None
    assert growth > MOST_GROWTH


def test_a_process_that_was_watched_too_shortly_says_nothing() -> None:
    assert growth_per_minute(process(1, begin=0, minutes=9, level=160, growth=5)) is None


def test_a_minute_is_its_median() -> None:
    samples = [Sample(minute, 1, size) for minute, size in ((0.1, 1), (0.5, 9), (0.9, 2), (1.2, 4))]
    assert by_minute(samples) == [2, 4]


@pytest.fixture
def report(tmp_path: Path) -> Report:
    """Give one of a lookup of 30 ms, and one of a second in a fault; the register took 25 ms of each."""
    log = tmp_path / "service.log"
    call = '{{"event": "population-call", "request_id": "{}", "duration_ms": 25.0}}\n'
    log.write_text("".join(call.format(name) for name in ("calm", "hit")) + '{"event": "request"}\n')
    lookups = [Lookup("calm", 10.0, 0.030), Lookup("hit", 101.0, 1.0)]
    return Report(
        capacity=100,
        done=Done(Ledger(statuses=Counter({"200": 2})), 70, Counter(lookup=2), lookups),
        windows=[Window(1.5, "register slow", 1, 100.0, 102.0)],
        samples=process(1, begin=0, minutes=12, level=160, growth=0),
        logs=[log],
        lost=[],
        receipts=[],
        wrong=[],
        verifier=(0, "sound"),
    )


def test_our_own_share_is_what_the_register_did_not_take(report: Report) -> None:
    lines, is_met = told(report)
    shares = [line for line in lines if line.startswith("own share")]
    assert is_met
    assert "p50 5.0, p99 5.0" in shares[0]
    assert "p50 975.0, p99 975.0" in shares[1]


@pytest.mark.parametrize(
    "worse",
    [
        {"lost": ["a lookup"]},
        {"receipts": ["a gap"]},
        {"wrong": ["/cases: 500 internal-error"]},
        {"verifier": (1, "tampered")},
        {"samples": process(1, begin=0, minutes=12, level=160, growth=1)},
    ],
)
def test_anything_lost_or_growing_fails_the_soak(report: Report, worse: dict[str, object]) -> None:
    assert not told(replace(report, **worse))[1]  # type: ignore[arg-type] # one of its members
