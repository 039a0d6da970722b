"""`upcycle gate`: each hour of a span as the gate would have decided it, and what its strictness cost."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import typer
from rich.console import Console
from rich.table import Table

from services.cli import gate_page, hours_asked
from services.cli.gate_plot import win_rate_plot
from services.cli.hours_asked import Candles, stamp
from services.filter.core.breakout import Trade
from services.filter.core.gate import Gate
from services.filter.core.hours import (
    HOUR_MS,
    Earned,
    Off,
    Rule,
    Stretch,
    failures,
    pass_rate,
    passes,
    played,
    short_hours,
    split,
    stretches,
    thin_hours,
)
from shared.settings import Settings
from shared.venue import FEE_RATE

KS = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 1.0)
WIN_RATES = (0.40, 0.45, 0.475, 0.50, 0.525, 0.55, 0.60)
MEANS = (
    "A trade belongs to the hour whose candle reached its target: the gate's word at that candle's opening, "
    "from candles closed by then, let it through or not. Earned is net of fee and slippage, compounded trade by trade. "
    "These are the rule's own trades; what the bot does in a passed hour is the analyst's word."
)
DRAWDOWN = "drawdown: the deepest fall of the compounded equity, seen at trade closes; the owner's maximum loss"


@dataclass(frozen=True)
class View:
    """All that is shown of a span."""

    candles: Candles
    gate: Gate
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
    def warnings(self) -> list[str]:
        told = list(self.candles.warnings)
        if short := short_hours(self.candles.history, self.span):
            days = self.span[0].report.days
            told.append(
                f"{short:,} of {self.hours:,} hours have less than a year of candles before them; "
                f"the first has {days} days"
            )
        if thin := thin_hours(self.span):
            told.append(
                f"{thin:,} of {self.hours:,} hours have fewer than 30 trades before them: their shares say little"
            )
        return told

    def grid(self) -> dict[float, list[float]]:
        """k -> the pass rate at each of WIN_RATES, the other thresholds as they are set."""
        others = {"drawdown_max": self.gate.drawdown_max, "trades_min": self.gate.trades_min}
        gates = [Gate(win_rate_min=w, expectancy_min=self.gate.expectancy_min, **others) for w in WIN_RATES]
        return {k: [pass_rate(span, gate) for gate in gates] for k, (span, _) in self.by_k.items()}

    def earned(self) -> dict[str, Earned]:
        passed, rejected = split(self.span, self.trades, self.gate)
        together = sorted(passed + rejected)
        return {"passed": Earned.by(passed), "rejected": Earned.by(rejected), "all": Earned.by(together)}

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
            "grid": {"win_rate_min": WIN_RATES, "pass_rate_by_k": self.grid()},
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


def run(market: str, first: str | None, last: str | None, tape: list[str], as_json: bool, html: Path | None) -> None:
    view = look(hours_asked.candles(market, tape, settings := Settings.load()), settings, first, last)
    if html is not None:
        html.write_text(gate_page.page(view), encoding="utf-8")
    if as_json:
        typer.echo(json.dumps(view.as_json(), ensure_ascii=False, indent=2))
        return
    _print(Console(highlight=False), view)
    if html is not None:
        typer.echo(f"{html} is written; open it in a browser, it needs no network")


def look(candles: Candles, settings: Settings, first: str | None, last: str | None) -> View:
    """Decide every hour of the span. Raises BadRequest."""
    hours = hours_asked.span(candles, first, last)
    gate = Gate(
        settings.gate_win_rate_min, settings.gate_drawdown_max, settings.gate_trades_min, settings.gate_expectancy_min
    )
    rules = {k: Rule(k, float(FEE_RATE), settings.slippage) for k in sorted({*KS, settings.breakout_k})}
    trades = {k: played(candles.history, rule) for k, rule in rules.items()}
    by_k = {k: (stretches(candles.history, trades[k], hours), trades[k]) for k in rules}
    return View(candles, gate, rules[settings.breakout_k], *by_k[settings.breakout_k], by_k)


def _print(screen: Console, view: View) -> None:
    gate, rule, last = view.gate, view.rule, view.span[-1]
    more = "" if gate.expectancy_min is None else f", expectancy at least {gate.expectancy_min:.2%}"
    more += f", at least {gate.trades_min} trades" if gate.trades_min else ""
    screen.print(
        f"[bold]{view.candles.market}[/]  {stamp(view.span[0].begin)} to {stamp(last.begin + last.hours * HOUR_MS)}\n"
        f"gate: win rate at least {gate.win_rate_min:.1%}, drawdown at most {gate.drawdown_max:.1%}{more}\n"
        f"rule: k {rule.k:g}, a side costs fee {rule.fee_rate:.2%} and slippage {rule.slippage:.2%}\n"
    )
    colour = "green" if view.passed else "red"
    screen.print(f"[bold {colour}]passed {view.passed:,} of {view.hours:,} hours ({view.passed / view.hours:.1%})[/]")
    for code, off in failures(view.span, gate).items():
        screen.print(f"  {code} failed in {off.hours:,}: {_off(code, off)}")
    screen.print(f"  {DRAWDOWN}\n", style="dim")
    screen.print(_earned(view))
    screen.print(MEANS, style="dim")
    screen.print(f"{_cost(view)}\n")
    screen.print(_grid(view))
    screen.print(win_rate_plot(view.span, gate, colour=screen.is_terminal))
    for warning in view.warnings:
        screen.print(f"[yellow]warning[/] {warning}")


def _off(code: str, off: Off) -> str:
    if code == "TRADES":
        return f"{off.nearest:.0f} short at best, {off.median:.0f} at the median"
    return f"off by {100 * off.nearest:.1f} points at best, {100 * off.median:.1f} at the median"


def _earned(view: View) -> Table:
    table = Table("in hours", "trades", "won", "mean", "earned", title="what the rule earned", title_justify="left")
    for where, earned in view.earned().items():
        won = f"{earned.wins / earned.trades:.1%}" if earned.trades else "-"
        table.add_row(where, f"{earned.trades}", won, f"{earned.mean:+.2%}", f"{earned.total:+.1%}")
    return table


def _cost(view: View) -> str:
    missed = view.earned()["rejected"]
    if not missed.trades:
        return "The gate kept the owner out of no trade."
    verdict = "it cost that" if missed.total > 0 else "it spared that"
    return f"The gate kept the owner out of {missed.trades} trades that together made {missed.total:+.1%}: {verdict}."


def _grid(view: View) -> Table:
    table = Table(title="share of hours passed, by k and win rate asked for", title_justify="left")
    table.add_column("k")
    for win_rate in WIN_RATES:
        table.add_column(f"{win_rate:.1%}", justify="right")
    for k, rates in view.grid().items():
        name = f"{k:g} (set)" if k == view.rule.k else f"{k:g}"
        table.add_row(name, *(f"{rate:.1%}" for rate in rates))
    return table
