"""What `upcycle gate` shows of a span: every hour decided, and what its strictness cost."""

from dataclasses import asdict, dataclass, replace
from typing import Any

from services.cli.research import hours_asked
from services.cli.research.hours_asked import Candles, stamp
from services.filter.core.breakout import Rule, Trade
from services.filter.core.gate import StrategyGate
from services.filter.core.hours import (
    HOUR_MS,
    Returns,
    Stretch,
    daily_closes,
    failures,
    pass_rate,
    passes,
    short_hours,
    split,
    stretches,
    thin_hours,
    trades_of,
)
from shared.settings import Settings
from shared.writing import whole

KS = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 1.0)
DRAWDOWNS = (0.05, 0.10, 0.15, 0.20, 0.30, 0.50)
WIN_RATES = (0.40, 0.45, 0.475, 0.50, 0.525, 0.55, 0.60)


@dataclass(frozen=True)
class View:
    """All that is shown of a span."""

    candles: Candles
    gate: StrategyGate
    rule: Rule
    span: list[Stretch]
    trades: list[Trade]  # of the rule over the whole history
    by_k: dict[float, tuple[list[Stretch], list[Trade]]]  # the same for other k

    @property
    def hours(self) -> int:
        return sum(stretch.hours for stretch in self.span)

    @property
    def passed(self) -> int:
        return sum(stretch.hours for stretch in self.span if passes(stretch, self.gate))

    @property
    def held(self) -> float:
        """What the coin itself did over the span, without costs."""
        last = self.span[-1]
        closes = daily_closes(self.candles.history, self.span[0].begin, last.begin + last.hours * HOUR_MS)
        return closes[-1][1] / closes[0][1] - 1

    @property
    def warnings(self) -> list[str]:
        told = list(self.candles.warnings)
        if short := short_hours(self.candles.history, self.span):
            days = self.span[0].report.days
            told.append(
                f"{whole(short)} of {whole(self.hours)} hours have less than a year of candles before them; "
                f"the first has {days} day{'s' if days != 1 else ''}"
            )
        if thin := thin_hours(self.span):
            told.append(
                f"{whole(thin)} of {whole(self.hours)} hours have fewer than 30 trades before them: "
                "their shares say little"
            )
        return told

    def grid(self) -> dict[float, list[float]]:
        """k -> the pass rate at each of WIN_RATES, the other thresholds as they are set."""
        gates = [replace(self.gate, win_rate_min=share) for share in WIN_RATES]
        return {k: [pass_rate(span, gate) for gate in gates] for k, (span, _) in self.by_k.items()}

    def grid_of_drawdowns(self) -> dict[float, list[float]]:
        """Drawdown at most -> the pass rate at each of WIN_RATES, with the k that is set."""
        rows = sorted({*DRAWDOWNS, self.gate.drawdown_max})
        gates = {row: [replace(self.gate, win_rate_min=share, drawdown_max=row) for share in WIN_RATES] for row in rows}
        return {row: [pass_rate(self.span, gate) for gate in columns] for row, columns in gates.items()}

    def earned(self) -> dict[str, Returns]:
        passed, rejected = split(self.span, self.trades, self.gate)
        together = sorted(passed + rejected)
        return {"passed": Returns.by(passed), "rejected": Returns.by(rejected), "all": Returns.by(together)}

    def as_json(self) -> dict[str, Any]:
        last = self.span[-1]
        return {
            "market": self.candles.market,
            "from": stamp(self.span[0].begin),
            "to": stamp(last.begin + last.hours * HOUR_MS),
            "gate": asdict(self.gate),
            "rule": asdict(self.rule),
            "hours": self.hours,
            "passed": self.passed,
            "pass_rate": self.passed / self.hours,
            "failures": {code: asdict(off) for code, off in failures(self.span, self.gate).items()},
            "earned": {where: asdict(earned) for where, earned in self.earned().items()},
            "held": self.held,
            "grid": {
                "win_rate_min": WIN_RATES,
                "pass_rate_by_k": self.grid(),
                "pass_rate_by_drawdown_max": self.grid_of_drawdowns(),
            },
            "stretches": [
                {
                    "from": stamp(s.begin),
                    "hours": s.hours,
                    "passed": passes(s, self.gate),
                    **s.report.model_dump(include={"trades", "win_rate", "drawdown", "expectancy", "total_return"}),
                }
                for s in self.span
            ],
            "warnings": self.warnings,
        }


def decide_hours(candles: Candles, settings: Settings, first: str | None, last: str | None) -> View:
    """Decide every hour of the span. Raises BadRequest."""
    hours = hours_asked.span(candles, first, last)
    gate, own = StrategyGate.of(settings), Rule.of(settings)
    rules = {k: replace(own, k=k) for k in sorted({*KS, own.k})}
    trades = {k: trades_of(candles.history, rule) for k, rule in rules.items()}
    by_k = {k: (stretches(candles.history, trades[k], hours), trades[k]) for k in rules}
    return View(candles, gate, own, *by_k[own.k], by_k)
