"""Figures for Prometheus (số liệu vận hành). Labels are words of our own vocabulary, nothing personal.

Each process counts for itself. Where several serve one address, `motcua serve` gives them a folder in
PROMETHEUS_MULTIPROC_DIR, through which whichever is asked tells the figures of all.
"""

import os
import time
from importlib import metadata
from pathlib import Path
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

from app.alerts import Alert, Details
from app.services.case_gauges import CaseGauges
from app.services.lookup_meter import LookupMeter
from app.services.process_gauges import ProcessGauges
from app.services.request_meter import RequestMeter

SHARED_FOLDER: Final = "PROMETHEUS_MULTIPROC_DIR"
"""The library's own name for the variable; it reads it when it is first imported."""

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"

_OPERATIONS: Final = ("verify", "share", "household")
_GATES: Final = ("lookups", "log-ins", "requests")
_CIRCUIT_STATES: Final = ("closed", "half_open", "open")
# Seconds. Finer where an answer is good, up to beyond the longest deadline that the settings allow.
_BUCKETS: Final = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)


class Metrics:
    """Counts and times of one process. Hears of the calls to the population database as they end.

    `lookups`, `requests`, `process` and `cases` are the figures of those.
    """

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self.lookups = LookupMeter(self._registry)
        self.requests = RequestMeter(self._registry)
        self.process = ProcessGauges(
            self._registry, version=metadata.version("motcua-dancu"), started_at=time.time()
        )
        self.cases = CaseGauges(self._registry)
        self._calls = Counter(
            "motcua_npd_calls",
            "Calls to the population database by how they ended.",
            ("operation", "outcome"),
            registry=self._registry,
        )
        self._seconds = Histogram(
            "motcua_npd_call_seconds",
            "Time of calls to the population database, waiting for a place included.",
            ("operation",),
            buckets=_BUCKETS,
            registry=self._registry,
        )
        self._circuit = Gauge(
            "motcua_npd_circuit",
            "1 for the state that an operation's circuit is in, 0 for the others.",
            ("operation", "state"),
            registry=self._registry,
            # Over several processes: 1 as soon as the circuit of one is in that state.
            multiprocess_mode="livemax",
        )
        self._add_audit_log()
        self._add_refusals()
        for operation in _OPERATIONS:
            self.circuit_changed(operation, "closed")
        for alert in Alert:
            self._alerts.labels(alert.value)

    def _add_audit_log(self) -> None:
        self._checkpoint_seconds = Gauge(
            "motcua_audit_checkpoint_lag_seconds",
            "How long an audit record has waited for a signed and anchored checkpoint; 0 while all have one.",
            registry=self._registry,
            multiprocess_mode="livemax",
        )
        self._checkpoint_records = Gauge(
            "motcua_audit_checkpoint_lag_records",
            "Audit records that wait for a signed and anchored checkpoint since the last attempt failed.",
            registry=self._registry,
            multiprocess_mode="livemax",
        )

    def _add_refusals(self) -> None:
        """Add what was refused, raised, or asked for a token."""
        refused = Counter(
            "motcua_requests_refused_for_load",
            "Requests refused with 503 because too many were under way.",
            ("gate",),
            registry=self._registry,
        )
        self._refused = {gate: refused.labels(gate) for gate in _GATES}
        self._alerts = Counter(
            "motcua_alerts", "Alerts that were raised, by what happened.", ("alert",), registry=self._registry
        )
        self._logins = Counter(
            "motcua_logins",
            "Requests for a token by result: accepted, or the error of RFC 6749.",
            ("result",),
            registry=self._registry,
        )

    def call_ended(self, operation: str, *, outcome: str, seconds: float) -> None:
        """Count one call; `outcome` is `answered` or an error's code."""
        self._calls.labels(operation, outcome).inc()
        self._seconds.labels(operation).observe(seconds)

    def circuit_changed(self, operation: str, state: str) -> None:
        """Note a circuit's new state."""
        for name in _CIRCUIT_STATES:
            self._circuit.labels(operation, name).set(name == state)

    def alert_raised(self, alert: Alert, _details: Details) -> None:
        """Count an alert; a listener of `Alerts`."""
        self._alerts.labels(alert.value).inc()

    def login_ended(self, result: str) -> None:
        """Count a request for a token; `result` is `accepted` or an error's code."""
        self._logins.labels(result).inc()

    def checkpoint_lags(self, *, seconds: float, records: int) -> None:
        """Note how far the audit log's checkpoints are behind."""
        self._checkpoint_seconds.set(seconds)
        self._checkpoint_records.set(records)

    def request_refused(self, gate: str) -> None:
        """Count a request that was refused for load."""
        self._refused[gate].inc()

    def exposition(self) -> bytes:
        """Give the figures in Prometheus' text format, of all processes that share the folder."""
        if SHARED_FOLDER not in os.environ:
            return generate_latest(self._registry)
        _forget_the_dead(Path(os.environ[SHARED_FOLDER]))
        together = CollectorRegistry()
        MultiProcessCollector(together)  # type: ignore[no-untyped-call] # the library has no types for it
        return generate_latest(together)

    def close(self) -> None:
        """Take this process' states out of the figures of all; what it counted stays counted."""
        if SHARED_FOLDER in os.environ:
            mark_process_dead(os.getpid())  # type: ignore[no-untyped-call] # as above


def _forget_the_dead(folder: Path) -> None:
    """Take the states of processes that were killed out of the figures; nobody else does."""
    for process in {int(path.stem.rpartition("_")[2]) for path in folder.glob("gauge_live*_*.db")}:
        if not Path(f"/proc/{process}").exists():
            mark_process_dead(process)  # type: ignore[no-untyped-call] # the library has no types for it
