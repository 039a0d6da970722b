"""The owner's metrics, by his names. What the books know is counted there, so a restart shrinks nothing."""

from collections.abc import Callable, Iterable, Iterator

import structlog
from opentelemetry.metrics import CallbackOptions, Observation

from services.backend.adapters.sql_books import SqlBooks
from services.backend.core.totals import Totals
from shared.api.bot import JOBS
from shared.errors import Permanent, Transient
from shared.telemetry import Metrics, Trouble

log = structlog.get_logger("backend")
JOB = {"job_name": "trading_job"}
_JOB_BUCKETS_S = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0, 30.0, 60.0, 120.0, 300.0)
_Samples = Iterator[tuple[float, dict[str, str]]]


class OwnersMetrics:
    """Asks the books at every scrape; while they are away, their last figures stand.

    Before the books have answered once there are no figures: a 0 that jumps to its true value would look
    like a thousand trades in a minute. running: None while nobody knows.
    """

    def __init__(
        self, metrics: Metrics, books: SqlBooks, running: Callable[[], bool | None], markets: Iterable[str]
    ) -> None:
        self._metrics, self._books, self._running = metrics, books, running
        self._markets = tuple(markets)
        self._totals: Totals | None = None
        self._trouble = Trouble(log, "the books do not answer, /metrics shows their last figures")
        self._seen = 0  # the last end whose seconds are in the histogram
        self._counter("scheduler_job_success", "스케줄러 작업 성공 횟수", lambda t: self._jobs(t, "success"))
        self._counter("scheduler_job_failure", "스케줄러 작업 실패 횟수", lambda t: self._jobs(t, "failed"))
        self._counter("ai_decision", "AI 판단 횟수", self._decisions)
        self._counter("trades", "거래 횟수", self._trades)
        self._counter("trade_volume_krw", "거래 금액 (KRW)", self._volume)
        self._counter("bot_errors", "봇 에러 횟수", self._errors)
        self._seconds = metrics.histogram("scheduler_job_duration_seconds", "스케줄러 작업 실행 시간", _JOB_BUCKETS_S)
        metrics.meter.create_observable_gauge(
            "bot_running", [self._whether_running], description="봇 실행 상태 (1: 실행 중, 0: 정지)"
        )

        metrics.meter.create_observable_gauge("portfolio_value_krw", [self._value], description="포트폴리오 가치 (KRW)")

    async def render(self) -> bytes:
        try:
            self._totals = await self._books.totals()
            for seq, job, seconds in await self._books.ended_after(self._seen):
                self._seconds.record(seconds, {"job_name": job})
                self._seen = seq
            self._trouble.over()
        except (Transient, Permanent) as e:
            self._trouble.met(str(e))
        return self._metrics.render()

    def _counter(self, name: str, about: str, samples: Callable[[Totals], _Samples]) -> None:
        def observe(_: CallbackOptions) -> Iterable[Observation]:
            return () if self._totals is None else [Observation(*figure) for figure in samples(self._totals)]

        self._metrics.meter.create_observable_counter(name, [observe], description=about)

    def _jobs(self, totals: Totals, status: str) -> _Samples:
        yield totals.jobs.get(status, 0), JOB
        for job in JOBS[1:]:
            yield (totals.jobs_done if status == "success" else totals.jobs_failed).get(job, 0), {"job_name": job}

    def _errors(self, totals: Totals) -> _Samples:
        yield totals.jobs.get("failed", 0), {}

    def _decisions(self, totals: Totals) -> _Samples:
        for market in self._known(market for market, _ in totals.decisions):
            for word in ("buy", "sell", "hold"):
                yield totals.decisions.get((market, word), 0), {"symbol": market, "decision": word}

    def _trades(self, totals: Totals) -> _Samples:
        for market in self._known(totals.trades):
            yield totals.trades.get(market, 0), {"symbol": market}

    def _volume(self, totals: Totals) -> _Samples:
        for market in self._known(totals.volume):
            yield float(totals.volume.get(market, 0)), {"symbol": market}

    def _known(self, booked: Iterable[str]) -> list[str]:
        return sorted({*self._markets, *booked})

    def _value(self, _: CallbackOptions) -> Iterable[Observation]:
        value = self._totals.value if self._totals else None
        return () if value is None else [Observation(float(value))]

    def _whether_running(self, _: CallbackOptions) -> Iterable[Observation]:
        return () if (running := self._running()) is None else [Observation(int(running))]
