"""The chain as metrics: what waits, what was put aside, what did not end. Names of NATS figures are the field's."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

from opentelemetry.metrics import CallbackOptions, Observation

from services.backend.adapters.pipeline_watch import PipelineWatch
from services.backend.core.pipeline import BrokerState, CycleCounts, Machine, ReaderState
from shared.events import KINDS, CycleEnded
from shared.telemetry import Metrics
from shared.types import Market

Samples = Iterator[tuple[float, dict[str, str]]]
ENDS = tuple(kind for kind, cls in KINDS.items() if issubclass(cls, CycleEnded))
MISSES = ("late", "previous_unfinished", "paused", "stopped", "clock")
_READERS: tuple[tuple[str, str, Callable[[ReaderState], float]], ...] = (
    ("num_pending", "Messages a consumer has not been given yet", lambda r: r.waiting),
    ("num_ack_pending", "Messages given and not acknowledged", lambda r: r.in_hand),
    ("num_redelivered", "Messages in hand that were given more than once", lambda r: r.redelivered),
    ("ack_floor_stream_seq", "Place in the log up to which all is acknowledged", lambda r: r.done_up_to),
)

_MACHINE: tuple[tuple[str, str, Callable[[Machine], int | None]], ...] = (
    ("memory", "Memory the broker uses", lambda m: m.memory),
    ("memory_limit", "Memory the broker should stay below", lambda m: m.memory_limit),
    ("store", "What the broker's streams take on its disk", lambda m: m.store),
    ("disk_free", "Room on the broker's disk", lambda m: m.disk_free),
    ("disk_total", "Size of the broker's disk", lambda m: m.disk_total),
)


class PipelineMeter:
    """Shows the watch's last look at every scrape; what is not known has no series.

    markets: those the bot trades; their counters stand at 0 from the start.
    """

    def __init__(
        self, metrics: Metrics, watch: PipelineWatch, events: str, markets: tuple[Market, ...], interval_min: int
    ) -> None:
        self._meter, self._watch, self._events, self._markets = metrics.meter, watch, events, markets
        metrics.gauge("cycle_interval_seconds", "Time between two slots").set(60 * interval_min)
        self._gauge("nats_up", "1 while the broker answers", self._up)
        self._gauge(
            "switch_unbacked", "1 while the bot's switch is missing, unreadable or changed past the log", self._switch
        )
        self._gauge("nats_healthy", "1 while the broker finds itself well: it can write", self._of_broker(_well))
        for name, about, figure in _MACHINE:
            self._gauge(f"broker_{name}_bytes", about, self._of_broker(_of_machine(figure)))
        for name, about, of in _READERS:
            self._gauge(f"jetstream_consumer_{name}", about, self._of_broker(self._of_readers(of)))
        self._gauge("dead_letters", "Messages put aside that a person has not dealt with", self._of_broker(_dead))
        self._gauge("clock_heartbeat_timestamp_seconds", "When the clock last showed life", self._of_broker(_beat))
        self._gauge(
            "market_data_timestamp_seconds", "When the last look at a market was stored", self._of_broker(_data)
        )
        self._gauge("cycle_open_timestamp_seconds", "Start of the oldest cycle without an end", self._in_books(_open))
        self._gauge("cycle_last_ended_timestamp_seconds", "When a cycle last ended", self._in_books(_last))
        self._gauge(
            "scheduler_job_last_success_timestamp_seconds", "When a job last succeeded", self._in_books(_success)
        )
        self._counter("cycles_ended", "Ended cycles by kind of end", self._in_books(self._ended))
        self._counter("cycles_missed", "Slots never traded, by reason", self._in_books(self._missed))

    def _gauge(self, name: str, about: str, samples: Callable[[], Samples]) -> None:
        self._meter.create_observable_gauge(name, [_observing(samples)], description=about)

    def _counter(self, name: str, about: str, samples: Callable[[], Samples]) -> None:
        self._meter.create_observable_counter(name, [_observing(samples)], description=about)

    def _up(self) -> Samples:
        yield int(self._watch.state.broker is not None), {}

    def _switch(self) -> Samples:
        if self._watch.switch_status is not None:
            yield int(bool(self._watch.switch_trouble)), {}

    def _of_broker(self, samples: Callable[[BrokerState], Samples]) -> Callable[[], Samples]:
        return lambda: iter(()) if (broker := self._watch.state.broker) is None else samples(broker)

    def _in_books(self, samples: Callable[[CycleCounts], Samples]) -> Callable[[], Samples]:
        return lambda: iter(()) if (counts := self._watch.state.cycles) is None else samples(counts)

    def _of_readers(self, of: Callable[[ReaderState], float]) -> Callable[[BrokerState], Samples]:
        def samples(broker: BrokerState) -> Samples:
            for name, reader in broker.readers.items():
                yield of(reader), {"stream": self._events, "consumer": name}

        return samples

    def _ended(self, counts: CycleCounts) -> Samples:
        known = {(market, end) for market in self._markets for end in ENDS}
        for market, end in sorted(known | set(counts.ended)):
            yield counts.ended.get((market, end), 0), {"symbol": market, "end": end}

    def _missed(self, counts: CycleCounts) -> Samples:
        known = {(market, reason) for market in self._markets for reason in MISSES}
        for market, reason in sorted(known | set(counts.missed)):
            yield counts.missed.get((market, reason), 0), {"symbol": market, "reason": reason}


def _of_machine(figure: Callable[[Machine], int | None]) -> Callable[[BrokerState], Samples]:
    def samples(broker: BrokerState) -> Samples:
        if (bytes_ := figure(broker.machine)) is not None:
            yield bytes_, {}

    return samples


def _dead(broker: BrokerState) -> Samples:
    for stage, letters in broker.dead.items():
        yield letters, {"stage": stage}


def _well(broker: BrokerState) -> Samples:
    if broker.well is not None:
        yield int(broker.well), {}


def _beat(broker: BrokerState) -> Samples:
    if broker.heartbeat is not None:
        yield broker.heartbeat.timestamp(), {}


def _data(broker: BrokerState) -> Samples:
    yield from _times(broker.market_data.items())


def _open(counts: CycleCounts) -> Samples:
    yield from _times(counts.open.items())


def _last(counts: CycleCounts) -> Samples:
    yield from _times(counts.last_ended.items())


def _success(counts: CycleCounts) -> Samples:
    if counts.last_success is not None:
        yield counts.last_success.timestamp(), {"job_name": "trading_job"}


def _times(times: Iterable[tuple[Market, datetime]]) -> Samples:
    for market, at in times:
        yield at.timestamp(), {"symbol": market}


def _observing(samples: Callable[[], Samples]) -> Callable[[CallbackOptions], Iterable[Observation]]:
    return lambda _: [Observation(*figure) for figure in samples()]
