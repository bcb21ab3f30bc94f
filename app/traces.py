"""OpenTelemetry traces (vết xử lý): where a request's time went, and nothing about people.

Off unless `app/trace_export.py` was asked for spans; then one costs a function call. Names and attributes are
words of ours; what leaves is held against a list all the same.
"""

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Final

from opentelemetry.trace import INVALID_SPAN, Span, SpanKind, Tracer
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

METHOD: Final = "http.request.method"
ROUTE: Final = "http.route"
STATUS: Final = "http.response.status_code"
ERROR: Final = "error.type"
AUDIT_KIND: Final = "motcua.audit.kind"
LOOKUP_KIND: Final = "motcua.lookup.kind"

_NOTHING: Final = nullcontext(INVALID_SPAN)
_PROPAGATOR: Final = TraceContextTextMapPropagator()


class _Switch:
    tracer: Tracer | None = None


def take_spans(tracer: Tracer | None) -> None:
    """Take spans with this tracer from now on; with None, take none."""
    _Switch.tracer = tracer


def is_on() -> bool:
    """Whether spans are taken."""
    return _Switch.tracer is not None


def span(
    name: str, attributes: Mapping[str, str] | None = None, *, kind: SpanKind = SpanKind.INTERNAL
) -> AbstractContextManager[Span]:
    """Take the time of a step of ours."""
    if _Switch.tracer is None:
        return _NOTHING
    return _Switch.tracer.start_as_current_span(
        name, kind=kind, attributes=attributes, record_exception=False, set_status_on_exception=False
    )


def request_span(traceparent: str | None) -> AbstractContextManager[Span]:
    """Take the time of a request, as a part of its caller's trace if he names one."""
    if _Switch.tracer is None:
        return _NOTHING
    carrier = {} if traceparent is None else {"traceparent": traceparent}
    return _Switch.tracer.start_as_current_span(
        "request",
        context=_PROPAGATOR.extract(carrier),
        kind=SpanKind.SERVER,
        record_exception=False,
        set_status_on_exception=False,
    )


def trace_id_of(taken: Span) -> str | None:
    """Name the trace that a span belongs to, for the log; None if none is taken."""
    context = taken.get_span_context()
    return format(context.trace_id, "032x") if context.is_valid else None
