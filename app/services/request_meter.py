"""Counts and times requests by the template of their route, never by the path that was sent."""

from typing import Final

from prometheus_client import CollectorRegistry, Histogram

_BUCKETS: Final = (0.005, 0.025, 0.1, 0.5, 2.5, 10.0)


class RequestMeter:
    """The figures of requests; `in_flight` is how many are being answered."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.in_flight = 0
        self._seconds = Histogram(
            "motcua_request_seconds",
            "Time of requests by method, route's template and status, until the last byte of the answer.",
            ("method", "route", "status"),
            buckets=_BUCKETS,
            registry=registry,
        )
        # Looked up once for each of them, which are few: `labels` costs more than the counting.
        self._timers: dict[tuple[str, str, int], Histogram] = {}

    def began(self) -> None:
        """Note that a request came."""
        self.in_flight += 1

    def ended(self, method: str, route: str, *, status: int, seconds: float) -> None:
        """Count a request that was answered, or whose caller went away (499)."""
        self.in_flight -= 1
        key = (method, route, status)
        timer = self._timers.get(key)
        if timer is None:
            timer = self._timers[key] = self._seconds.labels(method, route, str(status))
        timer.observe(seconds)
