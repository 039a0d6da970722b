"""The trace of a cycle, from message to message, and the time each takes.

FastStream's own middleware makes three spans a hop for an exporter that nobody has, which took a fifth of the chain's
time. Headers and metrics are the same: W3C `traceparent`, `messaging_process_duration_seconds` and
`messaging_publish_duration_seconds`. The span that is worked in stands in OpenTelemetry's context, as ever.
"""

import random
import re
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from faststream import BaseMiddleware
from nats.js import JetStreamContext
from nats.js.api import PubAck
from opentelemetry import context as contexts
from opentelemetry import trace
from opentelemetry.metrics import Histogram, MeterProvider, NoOpMeterProvider

from shared.clock import monotonic

_TRACEPARENT = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})")
T = TypeVar("T")


class Tracing:
    """A process's trace and times: FastStream calls it for each message, to get a middleware for that one."""

    def __init__(self, meters: MeterProvider | None = None) -> None:
        meter = (meters or NoOpMeterProvider()).get_meter("upcycle")
        self.processing = meter.create_histogram(
            "messaging.process.duration", unit="s", description="Measures the duration of process operation."
        )
        self._publishing = meter.create_histogram(
            "messaging.publish.duration", unit="s", description="Measures the duration of publish operation."
        )

    def __call__(self, msg: Any, /, *, context: Any) -> "_Traced":
        return _Traced(msg, context=context, tracing=self)

    async def publish(self, js: JetStreamContext, where: str, body: bytes, headers: dict[str, str]) -> PubAck:
        """Publish and hand the trace on; what is published outside of any, as a tick is, begins one."""
        here = trace.get_current_span().get_span_context()
        span = here if here.is_valid else _next("")
        headers["traceparent"] = f"00-{span.trace_id:032x}-{span.span_id:016x}-{span.trace_flags:02x}"
        return await _timed(self._publishing, js.publish(where, body, headers=headers))


class _Traced(BaseMiddleware[Any, Any]):
    """The span lasts until the message is settled: what ends a cycle over a fault belongs to its trace, too."""

    def __init__(self, msg: Any, /, *, context: Any, tracing: Tracing) -> None:
        super().__init__(msg, context=context)
        self._tracing = tracing

    async def on_receive(self) -> None:
        span = trace.NonRecordingSpan(_next((self.msg.headers or {}).get("traceparent", "")))
        self._token = contexts.attach(trace.set_span_in_context(span))

    async def after_processed(self, exc_type: Any = None, exc_val: Any = None, exc_tb: Any = None) -> bool | None:
        contexts.detach(self._token)
        return False

    async def consume_scope(self, call_next: Callable[[Any], Awaitable[Any]], msg: Any) -> Any:
        return await _timed(self._tracing.processing, call_next(msg))


def _next(parent: str) -> trace.SpanContext:
    """A new span of the trace that `parent` tells of; of a new trace where it tells of none."""
    came = _TRACEPARENT.fullmatch(parent)
    trace_id = int(came[1], 16) if came else 0
    flags = trace.TraceFlags(int(came[3], 16) if came else trace.TraceFlags.SAMPLED)
    return trace.SpanContext(trace_id or random.getrandbits(128), random.getrandbits(64), False, flags)


async def _timed(histogram: Histogram, work: Awaitable[T]) -> T:
    began, labels = monotonic(), {}
    try:
        return await work
    except Exception as e:
        labels = {"error.type": type(e).__name__}
        raise
    finally:
        histogram.record(monotonic() - began, labels)
