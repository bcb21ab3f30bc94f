"""What goes back over HTTP."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

XML: Final = "text/xml; charset=utf-8"
JSON: Final = "application/json; charset=utf-8"
HTML: Final = "text/html; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer, whole."""

    status: int
    content_type: str
    body: bytes = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict)

    def start(self, *, length: int | None = None) -> dict[str, Any]:
        """Make ASGI's beginning of the answer; `length` is announced in place of the body's own."""
        told = len(self.body) if length is None else length
        headers = {"Content-Type": self.content_type, "Content-Length": str(told), **self.headers}
        pairs = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
        return {"type": "http.response.start", "status": self.status, "headers": pairs}
