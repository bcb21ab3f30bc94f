"""One log: a JSON object a line, without personal data.

Ours and the libraries' records take the same way out; its last step masks what looks like an identity number.
"""

import logging
import re
import sys
import traceback
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Final, TextIO

import structlog
from structlog.types import EventDict, ExcInfo, Processor, WrappedLogger

_NUMBER: Final = re.compile(r"(?<!\d)\d{9}(?:\d{3})?(?!\d)")
# Random ids of ours, or of a checked form, in which nine digits may follow each other by chance.
_RANDOM: Final = re.compile(r"[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_RANDOM_KEYS: Final = frozenset({"trace_id", "lookup_id", "upstream_request_id"})

PERSONAL_KEYS: Final = frozenset(
    [
        "address",
        "applicant",
        "assertion",
        "authorization",
        "birth_date",
        "body",
        "citizen",
        "claim",
        "client_secret",
        "cookie",
        "email",
        "full_name",
        "head",
        "headers",
        "household_head",
        "id_number",
        "input",
        "members",
        "note",
        "old_id_number",
        "organization_name",
        "otp",
        "params",
        "parameters",
        "password",
        "path",
        "phone",
        "purpose",
        "query",
        "query_string",
        "secret",
        "statement",
        "token",
        "url",
    ]
)

# Loggers whose texts are about the server, its peers and its migrations; those of other libraries may quote
# anything.
_HARMLESS: Final = ("uvicorn", "app", "alembic")


def configure_logs(level: str = "info", stream: TextIO | None = None) -> None:
    """Send everything that is logged to `stream` (stderr, as stdout is for the results of commands)."""
    out = stream or sys.stderr
    threshold = logging.getLevelNamesMapping()[level.upper()]
    structlog.configure(
        processors=[*_enriching(), *_closing()],
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        logger_factory=structlog.WriteLoggerFactory(file=out),
        # A logger that a test kept would otherwise write to a stream of long ago.
        cache_logger_on_first_use=stream is None,
    )
    handler = logging.StreamHandler(out)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[_without_quotations, *_enriching()],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *_closing()],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(threshold)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.asgi"):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
    # The last one tells what it compares as if it were to be changed.
    for name in ("httpx", "httpcore", "asyncio", "aiosqlite", "alembic.autogenerate"):
        logging.getLogger(name).setLevel(max(threshold, logging.WARNING))
    # It writes paths and queries; the request context writes a line of its own.
    access_log = logging.getLogger("uvicorn.access")
    access_log.handlers.clear()
    access_log.propagate = False


def _enriching() -> list[Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
    ]


def _closing() -> list[Processor]:
    return [
        _without_values,
        redact,
        structlog.processors.JSONRenderer(ensure_ascii=False, default=_type_name),
    ]


def _type_name(value: object) -> str:
    # The text of an object may hold anything; that of its class does not.
    return type(value).__name__


def _without_quotations(_logger: WrappedLogger, _name: str, event: EventDict) -> EventDict:
    """Keep of a foreign record its template's first line: arguments and what follows may quote values."""
    record: logging.LogRecord = event["_record"]
    event["logger"] = record.name
    if record.name.partition(".")[0] not in _HARMLESS:
        event["event"] = str(record.msg).partition("\n")[0]
    return event


def _without_values(_logger: WrappedLogger, _name: str, event: EventDict) -> EventDict:
    """Replace an exception by the types of it and its causes and the places they passed."""
    error = _exception(event.pop("exc_info", None))
    event.pop("stack_info", None)
    if error is not None:
        event["exception"] = _described(error)
    return event


def _exception(exc_info: ExcInfo | BaseException | bool | None) -> BaseException | None:
    if isinstance(exc_info, BaseException):
        return exc_info
    if isinstance(exc_info, tuple):
        return exc_info[1]
    return sys.exc_info()[1] if exc_info else None


def _described(error: BaseException) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        kind = type(current)
        found.append(
            {"type": f"{kind.__module__}.{kind.__qualname__}", "frames": _frames(current.__traceback__)}
        )
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)
    return found


def _frames(trace: TracebackType | None) -> list[str]:
    return [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(trace)]


def redact(_logger: WrappedLogger, _name: str, event: EventDict) -> EventDict:
    """Drop personal members and mask every run of nine or twelve digits, however deep it stands."""
    return {key: _redacted(key, value) for key, value in event.items() if key not in PERSONAL_KEYS}


def _redacted(key: object, value: Any) -> Any:  # noqa: ANN401 - what is logged may be anything
    if isinstance(value, str):
        is_random = key in _RANDOM_KEYS and _RANDOM.fullmatch(value)
        return value if is_random else _NUMBER.sub(_mask, value)
    if isinstance(value, bool | float | None):
        return value
    if isinstance(value, int):
        text = str(value)
        return _NUMBER.sub(_mask, text) if _NUMBER.search(text) else value
    if isinstance(value, Mapping):
        return {
            _NUMBER.sub(_mask, str(name)): _redacted(name, item)
            for name, item in value.items()
            if name not in PERSONAL_KEYS
        }
    if isinstance(value, list | tuple | set | frozenset):
        return [_redacted(key, item) for item in value]
    return _NUMBER.sub(_mask, _type_name(value))


def _mask(number: re.Match[str]) -> str:
    return "*" * len(number[0])
