"""Logs and metrics of a process. Metrics are declared here once; labels come from closed sets, never from ids."""

import logging
import re
import sys
from collections.abc import Iterable
from typing import Any

import structlog
from opentelemetry import trace
from opentelemetry.exporter.prometheus import PrometheusMetricReader
from opentelemetry.sdk.metrics import AlwaysOffExemplarFilter, MeterProvider
from opentelemetry.sdk.metrics.view import ExplicitBucketHistogramAggregation, View
from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest

from shared.plain_text import visible

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_BUCKETS_S = (0.005, 0.025, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0)
# The owner named these counters without _total, which the exporter appends to every counter.
_EXACT = (b"trade_volume_krw",)
_RENAME = re.compile(rb"(?m)^(# (?:HELP|TYPE) )?(" + b"|".join(_EXACT) + rb")_total(?=[ {])")
_SECRETS = re.compile(r"bot\d+:[\w-]+|(?<=Bearer )[\w.~+/-]+=*|(?<=://)[^/@\s]+(?=@)")


class Metrics:
    """One registry and one meter a process: two meters with one metric name would print wrong labels."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        reader = PrometheusMetricReader(disable_target_info=True, scope_info_enabled=False, registry=self._registry)
        seconds = View(  # shared/bus makes these, which knows nothing of this module
            instrument_name="messaging.*.duration", aggregation=ExplicitBucketHistogramAggregation(_BUCKETS_S)
        )
        # The text that Prometheus reads has no room for exemplars; taking them costs as much as the measurement.
        self.provider = MeterProvider(
            metric_readers=[reader], views=[seconds], exemplar_filter=AlwaysOffExemplarFilter()
        )
        self.meter = self.provider.get_meter("upcycle")

    def counter(self, name: str, about: str, known: Iterable[dict[str, str]] = ({},)) -> Any:
        """A counter that shows its known label sets at 0 at once: else `increase()` misses the first event."""
        counter = self.meter.create_counter(name, description=about)
        for labels in known:
            counter.add(0, labels)
        return counter

    def histogram(self, name: str, about: str, buckets: tuple[float, ...] = _BUCKETS_S) -> Any:
        return self.meter.create_histogram(
            name, unit="s", description=about, explicit_bucket_boundaries_advisory=list(buckets)
        )

    def gauge(self, name: str, about: str) -> Any:
        return self.meter.create_gauge(name, description=about)

    def render(self) -> bytes:
        """The Prometheus text of everything, as `/metrics` gives it."""
        return _RENAME.sub(rb"\1\2", generate_latest(self._registry))


def set_up_logs(level: str, *, service: str, pretty: bool | None = None) -> None:
    """One shape for every line, ours and the libraries': JSON, or readable in a terminal."""
    if pretty is None:
        pretty = sys.stderr.isatty()
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _add_trace,
    ]
    shown: Any = (
        structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback, sort_keys=False
        )
        if pretty
        else structlog.processors.JSONRenderer(ensure_ascii=False, default=str)
    )
    # The line as it is written: an exception's text and a list can hold a secret, too.
    last = [structlog.processors.format_exc_info, *([_as_text] if pretty else []), shown, _hide_secrets]
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
        )
    )
    # What a line does not show need not be found out: https://docs.python.org/3/howto/logging.html#optimization
    logging._srcfile = None
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    logging.basicConfig(handlers=[handler], level=level, force=True)
    for name in ("httpx", "httpx2", "uvicorn.access"):  # they print whole addresses, a token among them
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.getLogger("urllib3").setLevel(logging.ERROR)  # Sentry's tries to reach its server
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    structlog.contextvars.bind_contextvars(service=service)


def hidden(text: str) -> str:
    """Blot out what has the shape of a secret: a bot's token, a bearer, a login in an address."""
    return _SECRETS.sub("***", text)


def _hide_secrets(_: Any, __: str, line: str) -> str:
    return hidden(line)


def _as_text(_: Any, __: str, line: Any) -> Any:
    """In a terminal nothing of a line is an escape sequence but the renderer's own."""
    return {key: visible(value) if isinstance(value, str) else value for key, value in line.items()}


def _add_trace(_: Any, __: str, line: Any) -> Any:
    """Name the OpenTelemetry span this line is written in: a cycle's trace goes from service to service."""
    span = trace.get_current_span().get_span_context()
    if span.is_valid:
        line["trace_id"], line["span_id"] = format(span.trace_id, "032x"), format(span.span_id, "016x")
    return line


class Trouble:
    """Tells the log of a trouble when it comes, changes or is over, and not at each look in between."""

    def __init__(self, logger: Any, what: str) -> None:
        self._log, self._what, self._why = logger, what, ""

    def met(self, why: str) -> None:
        if why != self._why:
            self._log.warning(self._what, why=why)
            self._why = why

    def over(self) -> None:
        if self._why:
            self._log.info("over", trouble=self._what)
            self._why = ""
