"""What the simulator received, for tests to look at: ids, codes and orders of elements, never a person."""

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from app.simulator.asked import Seen

REQUESTS_KEPT: Final = 100_000


@dataclass(slots=True)
class Received:
    """One request: when it was there (seconds since 1970), what was seen of it, and how it was answered."""

    at: float
    seen: Seen = field(default_factory=Seen)
    status: int | None = None
    fault: str | None = None

    def told(self) -> dict[str, Any]:
        """Make what the control answers."""
        return {"at": self.at, **asdict(self.seen), "status": self.status, "fault": self.fault}


class Journal:
    """The last requests, oldest first."""

    def __init__(self, wall_clock: Callable[[], float]) -> None:
        self._wall_clock = wall_clock
        self._entries: deque[Received] = deque(maxlen=REQUESTS_KEPT)
        self._request_ids: set[str] = set()

    def __iter__(self) -> Iterator[Received]:
        """Give them."""
        return iter(self._entries)

    def note(self) -> Received:
        """Begin the entry of a request."""
        if len(self._entries) == REQUESTS_KEPT and (oldest := self._entries[0].seen.request_id) is not None:
            self.forget(oldest)
        entry = Received(self._wall_clock())
        self._entries.append(entry)
        return entry

    def is_repeated(self, request_id: str) -> bool:
        """Tell whether a MaYeuCau was there before, among the requests that are kept."""
        return request_id in self._request_ids

    def remember(self, request_id: str) -> None:
        """Remember a MaYeuCau, so that it is repeated from now on."""
        self._request_ids.add(request_id)

    def forget(self, request_id: str) -> None:
        """Forget a MaYeuCau, so that it may be sent again, as one whose question was turned away."""
        self._request_ids.discard(request_id)

    def clear(self) -> None:
        """Forget everything."""
        self._entries.clear()
        self._request_ids.clear()
