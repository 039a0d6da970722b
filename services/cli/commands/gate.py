"""Show each hour of a span as the gate would have decided it, and what its strictness cost."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from services.cli.options import TapeFiles
from services.cli.research import gate_page, hours_asked
from services.cli.research.gate_plot import win_rate_plot
from services.cli.research.gate_view import WIN_RATES, View, decide_hours
from services.cli.research.hours_asked import stamp
from services.cli.screen import Screen, line, say, say_json
from services.filter.core.hours import HOUR_MS, Shortfall, failures
from shared.settings import Settings
from shared.writing import pct, signed_pct, whole

MEANS = (
    "A trade belongs to the hour whose candle reached its target: the gate's word at that candle's opening, "
    "from candles closed by then, let it through or not. Earned is net of fee and slippage, compounded trade by trade. "
    "These are the rule's own trades; what the bot does in a passed hour is the analyst's word."
)
DRAWDOWN = "drawdown: the deepest fall of the compounded equity, seen at trade closes; the owner's maximum loss"

EPILOG = (
    "Examples: [bold]upcycle gate[/]   [bold]upcycle gate --market KRW-ETH --from 2024-01-01 --to 2025-01-01 "
    "--tape eth.parquet --html gate.html[/]"
)


def command(
    market: Annotated[str, typer.Option(help="Such as KRW-ETH.")] = "KRW-ETH",
    first: Annotated[str | None, typer.Option("--from", help="First hour; a year before the last by default.")] = None,
    last: Annotated[str | None, typer.Option("--to", help="The hour it stops before; the last by default.")] = None,
    tape: TapeFiles = [],  # noqa: B006
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures alone.")] = False,
    html: Annotated[Path | None, typer.Option(help="Write an interactive page to this file.", metavar="FILE")] = None,
) -> None:
    run(market, first, last, tape, as_json, html)


def run(market: str, first: str | None, last: str | None, tape: list[str], as_json: bool, html: Path | None) -> None:
    view = decide_hours(hours_asked.candles(market, tape, settings := Settings.load()), settings, first, last)
    if html is not None:
        html.write_text(gate_page.page(view), encoding="utf-8")
    if as_json:
        say_json(view.as_json())
        return
    _print(Screen(), view)
    if html is not None:
        say(f"{html} is written; open it in a browser, it needs no network")


def _print(screen: Screen, view: View) -> None:
    gate, rule, last = view.gate, view.rule, view.span[-1]
    more = "" if gate.expectancy_min is None else f", expectancy at least {pct(gate.expectancy_min, 2)}"
    more += f", at least {gate.trades_min} trades" if gate.trades_min else ""
    screen.print(
        Text.assemble(
            (view.candles.market, "bold"),
            f"  {stamp(view.span[0].begin)} to {stamp(last.begin + last.hours * HOUR_MS)}\n"
            f"gate: win rate at least {pct(gate.win_rate_min)}, drawdown at most {pct(gate.drawdown_max)}{more}\n"
            f"rule: k {rule.k:g}, a side costs fee {pct(rule.fee_rate, 2)} and slippage {pct(rule.slippage, 2)}\n",
        )
    )
    colour = "green" if view.passed else "red"
    passed = f"passed {whole(view.passed)} of {whole(view.hours)} hours ({pct(view.passed / view.hours)})"
    screen.print(passed, style=f"bold {colour}")
    for code, off in failures(view.span, gate).items():
        screen.print(f"  {code} failed in {whole(off.hours)}: {_off(code, off)}")
    screen.print(f"  {DRAWDOWN}\n", style="dim")
    screen.print(_earned(view))
    screen.print(MEANS, style="dim")
    screen.print(f"{_cost(view)}\n")
    for grid in _grids(view):
        screen.print(grid)
    screen.print(win_rate_plot(view.span, gate, colour=screen.is_terminal))
    for warning in view.warnings:
        screen.print(line(("warning", "yellow"), f" {warning}"))


def _off(code: str, off: Shortfall) -> str:
    if code == "TRADES":
        return f"{off.nearest:.0f} short at best, {off.median:.0f} at the median"
    return f"off by {100 * off.nearest:.1f} points at best, {100 * off.median:.1f} at the median"


def _earned(view: View) -> Table:
    table = Table("in hours", "trades", "won", "mean", "earned", title="what the rule earned", title_justify="left")
    for where, earned in view.earned().items():
        told = ("-", "-", "-")
        if earned.trades:
            told = (pct(earned.wins / earned.trades), signed_pct(earned.mean, 2), signed_pct(earned.total))
        table.add_row(where, f"{earned.trades}", *told)
    return table


def _cost(view: View) -> str:
    missed = view.earned()["rejected"]
    held = f"The coin itself, held all along, made {signed_pct(view.held)} without costs."
    if not missed.trades:
        return f"The gate kept the owner out of no trade. {held}"
    verdict = "it cost that" if missed.total > 0 else "it spared that"
    trades = f"{missed.trades} trades that together" if missed.trades > 1 else "1 trade that"
    kept_out = f"The gate kept the owner out of {trades} made {signed_pct(missed.total)}"
    return f"{kept_out}: {verdict}. {held}"


def _grids(view: View) -> Iterator[Table]:
    """How strict each threshold is, by k and by the other threshold."""
    by_k = {f"{k:g}": rates for k, rates in view.grid().items()}
    yield _grid("k", by_k, f"{view.rule.k:g}")
    by_drawdown = {pct(drawdown): rates for drawdown, rates in view.grid_of_drawdowns().items()}
    yield _grid("drawdown", by_drawdown, pct(view.gate.drawdown_max))


def _grid(name: str, grid: Mapping[str, Sequence[float]], held: str) -> Table:
    """held: the row of what is set."""
    table = Table(title=f"share of hours passed, by {name} and win rate asked for", title_justify="left")
    table.add_column(name if name == "k" else f"{name}, k as set")
    for win_rate in WIN_RATES:
        table.add_column(pct(win_rate), justify="right")
    for row, rates in grid.items():
        table.add_row(f"{row} (set)" if row == held else row, *(pct(rate) for rate in rates))
    return table
