"""What a report must show to let a signal through, and every way in which it does not (pure)."""

from dataclasses import dataclass

from shared.events import BacktestReport, Objection
from shared.settings import Settings
from shared.types import Ratio


@dataclass(frozen=True, slots=True)
class StrategyGate:
    win_rate_min: Ratio = 0.55
    drawdown_max: Ratio = 0.30  # fall from the equity's peak, as a positive share
    trades_min: int = 0
    expectancy_min: float | None = None  # net return of a trade after costs; None: not asked for

    @classmethod
    def of(cls, settings: Settings) -> "StrategyGate":
        return cls(
            win_rate_min=settings.gate_win_rate_min,
            drawdown_max=settings.gate_drawdown_max,
            trades_min=settings.gate_trades_min,
            expectancy_min=settings.gate_expectancy_min,
        )


def objections(report: BacktestReport, gate: StrategyGate) -> tuple[Objection, ...]:
    """Every reason the report fails the gate, with how much is missing; empty means it passes."""
    found = []
    if (short := gate.win_rate_min - report.win_rate) > 0:
        found.append(Objection(code="WIN_RATE", value=report.win_rate, limit=gate.win_rate_min, distance=short))
    if (over := report.drawdown - gate.drawdown_max) > 0:
        found.append(Objection(code="DRAWDOWN", value=report.drawdown, limit=gate.drawdown_max, distance=over))
    if (few := gate.trades_min - report.trades) > 0:
        found.append(Objection(code="TRADES", value=report.trades, limit=gate.trades_min, distance=few))
    least = gate.expectancy_min
    if least is not None and (short := least - report.expectancy) > 0:
        found.append(Objection(code="EXPECTANCY", value=report.expectancy, limit=least, distance=short))
    return tuple(found)


def distances(report: BacktestReport, gate: StrategyGate) -> dict[str, float]:
    """How far the report is on the wrong side of each threshold that is set; 0 or less is within."""
    off = {
        "WIN_RATE": gate.win_rate_min - report.win_rate,
        "DRAWDOWN": report.drawdown - gate.drawdown_max,
        "TRADES": float(gate.trades_min - report.trades),
    }
    if gate.expectancy_min is not None:
        off["EXPECTANCY"] = gate.expectancy_min - report.expectancy
    return off
