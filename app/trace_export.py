"""Sends spans to an OpenTelemetry collector. Imported only where there is one.

The last step before they leave holds each span against a list of attributes, whoever set them. No other
library's spans leave: the provider is ours alone, and not the global one.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, SERVICE_VERSION, Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased
from opentelemetry.trace import Status

from app.traces import AUDIT_KIND, ERROR, LOOKUP_KIND, METHOD, ROUTE, STATUS, take_spans

_ALLOWED: Final = frozenset({METHOD, ROUTE, STATUS, ERROR, AUDIT_KIND, LOOKUP_KIND})
_WORDS: Final = re.compile(r"[A-Za-z/][A-Za-z0-9_.{}/ -]{0,99}")
_NUMBER: Final = re.compile(r"[0-9]{9}")
_MOST: Final = 999


@contextmanager
def open_traces(endpoint: str, *, version: str, sample_ratio: float) -> Iterator[None]:
    """Take spans and post them to the collector; in the end, what waits is sent."""
    provider = TracerProvider(
        sampler=ParentBased(TraceIdRatioBased(sample_ratio)),
        resource=Resource({SERVICE_NAME: "motcua-dancu", SERVICE_VERSION: version}),
        shutdown_on_exit=False,
    )
    exporter = OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces", timeout=2)
    provider.add_span_processor(BatchSpanProcessor(ScrubbingExporter(exporter)))
    take_spans(provider.get_tracer("motcua"))
    try:
        yield
    finally:
        take_spans(None)
        provider.shutdown()


class ScrubbingExporter(SpanExporter):
    """Passes on of each span its times, its place in the trace, and what is on the list of attributes.

    Events and links go, since exceptions' texts stand there; so does a status' description.
    """

    def __init__(self, exporter: SpanExporter) -> None:
        self._exporter = exporter

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Export what may leave."""
        return self._exporter.export([_scrubbed(span) for span in spans])

    def shutdown(self) -> None:
        """Close the exporter."""
        self._exporter.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        """Let the exporter send what it holds."""
        return self._exporter.force_flush(timeout_millis)


def _scrubbed(span: ReadableSpan) -> ReadableSpan:
    kept = {
        key: value
        for key, value in (span.attributes or {}).items()
        if key in _ALLOWED and _is_harmless(value)
    }
    return ReadableSpan(
        name=span.name if _is_harmless(span.name) else "other",
        context=span.context,
        parent=span.parent,
        resource=span.resource,
        attributes=kept,
        kind=span.kind,
        status=Status(span.status.status_code),
        start_time=span.start_time,
        end_time=span.end_time,
        instrumentation_scope=span.instrumentation_scope,
    )


def _is_harmless(value: object) -> bool:
    if isinstance(value, str):
        return _WORDS.fullmatch(value) is not None and _NUMBER.search(value) is None
    return isinstance(value, int) and 0 <= value <= _MOST
