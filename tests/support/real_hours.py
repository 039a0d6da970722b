"""Every hour of 18 real months through collector, gate and analyst, and digests of all that they said."""

from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any

import polars as pl

from services.analyst.adapters.rules_model import RulesModel
from services.analyst.handler import AnalystHandler
from services.collector.core.snapshot import Context, ExchangeData, HazardLimits, assemble, windows
from services.filter.core.days import Year, history_of, to_ms, year_before
from services.filter.handler import FilterHandler
from services.replay.stages.analyst import RecordedSnapshots
from shared.candle_arrays import CandleArrays
from shared.candles import SCHEMA, check
from shared.events import DecisionMade, FearGreed, PastCycle, SignalPassed, SignalRejected, SnapshotTaken
from shared.prompt.build import build
from shared.prompt.facts import facts
from shared.prompt.templates import load_template
from shared.settings import Settings
from shared.types import Market, UtcTime, cycle_id
from tests.support.builders import balances, book, due, position

HOUR = timedelta(hours=1)
COUNTED = ("hours", "buy", "sell", "hold", "votes", "facts", "risk high", "risk medium", "crashes", "divergences")
FIRST, LAST = datetime(2023, 7, 3, tzinfo=UTC), datetime(2024, 12, 31, 23, tzinfo=UTC)
FILES = {
    (market, unit): f"upbit_{market}_{name}_2023-07_2024-12.parquet"
    for market in ("KRW-ETH", "KRW-BTC")
    for unit, name in ((1440, "1d"), (60, "1h"))
} | {("KRW-ETH", 15): "upbit_KRW-ETH_15m_2024.parquet"}


@dataclass(frozen=True)
class RealMonths:
    """folder: of the recorded candles."""

    folder: Path

    @cached_property
    def frames(self) -> dict[tuple[Market, int], pl.DataFrame]:
        found = {key: pl.read_parquet(self.folder / file).rename({"ts": "open_time"}) for key, file in FILES.items()}
        checked = {key: check(frame, name=FILES[key]) for key, frame in found.items()}
        return checked | {("KRW-BTC", 15): pl.DataFrame(schema=SCHEMA)}

    @cached_property
    def candles(self) -> dict[tuple[Market, int], CandleArrays]:
        return {key: CandleArrays.of(frame) for key, frame in self.frames.items()}

    def opened(self, market: Market, unit_min: int, at: UtcTime) -> CandleArrays:
        """The newest 201 that had opened: the last may be forming, and is to be cut off."""
        every = self.candles[market, unit_min]
        return every[: every.opened_by(at)][-201:]

    @cached_property
    def _histories(self):
        return {market: history_of(self.frames[market, 60]) for market in ("KRW-ETH", "KRW-BTC")}

    async def year_before(self, market: Market, at: UtcTime, digest: str) -> Year:
        return year_before(self._histories[market], to_ms(at))

    async def hours(self, market: Market, first: UtcTime, last: UtcTime) -> AsyncIterator["RealHour"]:
        settings = Settings.load()
        gate = FilterHandler.of(settings, history=self)
        limits, template = HazardLimits.of(settings), load_template("v1")
        for n in range(round((last - first) / HOUR) + 1):
            at = first + n * HOUR
            seen = {(of, unit_min): self.opened(of, unit_min, at) for of, unit_min in windows(market)}
            price = int(seen[market, 60].closed_before(at, HOUR).close[-1])
            held = position(opened_by=cycle_id(market, at - 30 * HOUR)) if n % 2 else None
            past = (
                PastCycle(
                    cycle=cycle_id(market, at - back * HOUR),
                    end="OrderSkipped",
                    decision="hold",
                    reason_code="RULES_NO_MAJORITY",
                )
                for back in range(1, 6)
            )
            taken = assemble(
                due(cycle=cycle_id(market, at), slot_at=at),
                ExchangeData(book(price, at=at), balances(at=at), Decimal(price), warning=False),
                Context(held, tuple(past), FearGreed(at=at, value=n % 100, label=""), "0123456789abcdef"),
                seen,
                limits,
            )
            signal = await gate(taken)
            passed = SignalPassed(cycle=taken.cycle, report=signal.report, exit_only=False)
            analyst = AnalystHandler.of(settings, snapshots=RecordedSnapshots(taken), rules=RulesModel())
            prompt = build(taken, passed, template=template, count=len, tokens_max=30_000)
            told = {str(name): value for name, value in facts(taken, passed).items()}
            yield RealHour(taken, signal, await analyst(passed), told, prompt.sha256)


@dataclass(frozen=True)
class RealHour:
    """decision: by the rules, as if the gate had passed every hour."""

    taken: SnapshotTaken
    signal: SignalPassed | SignalRejected
    decision: DecisionMade
    facts: dict[str, float]
    prompt: str  # its digest


@dataclass
class Tally:
    """Hours counted, and one digest over all that each part said in them, whatever fields an event may still get."""

    counts: Counter[str] = field(default_factory=Counter)
    digests: dict[str, Any] = field(default_factory=dict)

    def add(self, hour: RealHour) -> None:
        safety = hour.taken.safety
        risk, crash, turn = safety.market_risk, safety.flash_crash, safety.rsi_divergence
        report, decision = hour.signal.report, hour.decision
        self.counts.update(["hours", decision.decision, f"risk {risk.level}"])
        self.counts["votes"] += len(decision.votes)
        self.counts["facts"] += len(hour.facts)
        self.counts["crashes"] += crash.state != "none"
        self.counts["divergences"] += turn.kind != "none"
        self._say("market risk", risk.level, risk.correlation, risk.beta, risk.btc_change_1h, risk.btc_change_24h)
        self._say("market risk", risk.btc_volatility, risk.reasons)
        self._say("crash", crash.state, crash.unit_min, crash.fall, crash.sigma, crash.volume_ratio, str(crash.at))
        self._say("divergence", turn.kind, str(turn.first_at), str(turn.second_at))
        self._say("gate", hour.signal.kind, report.trades, report.win_rate, report.total_return, report.drawdown)
        votes = [(vote.name, vote.value, vote.vote) for vote in decision.votes]
        figures = [(figure.name, figure.value) for figure in decision.figures]
        self._say("decisions", decision.decision, decision.confidence, decision.reason_code, figures, votes)
        self._say("facts", hour.facts)
        self._say("prompts", hour.prompt)

    def _say(self, part: str, *values: object) -> None:
        self.digests.setdefault(part, sha256()).update(repr(values).encode())

    def __str__(self) -> str:
        counted = ", ".join(f"{name} {self.counts[name]}" for name in COUNTED)
        return "\n    ".join([counted, *(f"{part:<12}{it.hexdigest()[:16]}" for part, it in self.digests.items())])


async def tallies(months: RealMonths, market: Market, first: UtcTime, last: UtcTime, by: str) -> str:
    """A tally for each stretch of time that `by`, a format of dates, tells apart."""
    found: dict[str, Tally] = {}
    async for hour in months.hours(market, first, last):
        found.setdefault(f"{hour.taken.at:{by}}", Tally()).add(hour)
    return "".join(f"{market} {when}\n    {tally}\n" for when, tally in found.items())
