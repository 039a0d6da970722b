"""Decide hours of the candles again with another future; exit code 1 if a decision changes."""

from collections.abc import Callable, Iterator
from typing import Annotated, Any

import polars as pl
import typer

from services.cli.options import TapeFiles
from services.cli.research import hours_asked
from services.cli.research.hours_asked import Candles, stamp
from services.cli.screen import Screen, line
from services.filter.core.breakout import Rule, backtest
from services.filter.core.days import history_of, year_before
from services.filter.core.gate import StrategyGate, objections
from services.filter.core.hours import HOUR_MS, stretches, trades_of
from shared.candles import PRICES
from shared.settings import Settings

HOURS = 300  # looked at, evenly over the span; an odd step meets every hour of the day
SHOWN = 10

Judge = Callable[[pl.DataFrame, int], Any]  # candles, hour in ms -> what is decided; anything that can be compared

EPILOG = "Example: [bold]upcycle check-lookahead --tape eth.parquet[/]"


def command(
    market: Annotated[str, typer.Option(help="Such as KRW-ETH.")] = "KRW-ETH",
    tape: TapeFiles = [],  # noqa: B006
) -> None:
    run(market, tape)


def run(market: str, tape: list[str]) -> None:
    """Print what was compared; exit with 1 if a decision changed."""
    settings = Settings.load()
    found = hours_asked.candles(market, tape, settings)
    hours = chosen(hours_asked.span(found, None, None))
    changed = [
        f"{stamp(at)}: {name} changes when what comes after is {how}"
        for name, judge in judges(Rule.of(settings), StrategyGate.of(settings)).items()
        for at, how in changes(found, judge, hours)
    ]
    screen = Screen()
    for change in changed[:SHOWN]:
        screen.print(line(("look-ahead", "red"), f" {change}"))
    colour = "red" if changed else "green"
    screen.print(
        line(
            (f"{len(changed)} changes", colour),
            f" in {len(hours)} hours of {found.market} from {stamp(hours[0])} to {stamp(hours[-1])}; each decided "
            "again by the filter and by `upcycle gate`, with its future cut off and shuffled",
        )
    )
    if changed:
        raise typer.Exit(1)


def chosen(span: range) -> range:
    return span[:: max(1, len(span) // HOURS) | 1]


def judges(rule: Rule, gate: StrategyGate) -> dict[str, Judge]:
    """The filter's decision of an hour, and that of `upcycle gate`."""

    def by_filter(candles: pl.DataFrame, at: int) -> Any:
        told = backtest(year_before(history_of(candles), at), rule)
        return told, objections(told, gate)

    def by_gate(candles: pl.DataFrame, at: int) -> Any:
        history = history_of(candles)
        return stretches(history, trades_of(history, rule), [at])[0]

    return {"the filter's decision": by_filter, "the decision of upcycle gate": by_gate}


def changes(found: Candles, judge: Judge, hours: range) -> Iterator[tuple[int, str]]:
    """The hours whose decision is another with another future, and which future it was."""
    for at in hours:
        said = judge(found.frame, at)
        for how, candles in futures(found.frame, at).items():
            if judge(candles, at) != said:
                yield at, how


def futures(frame: pl.DataFrame, at: int) -> dict[str, pl.DataFrame]:
    """The candles closed by then with nothing after them, and with what came after reversed and dearer."""
    closed = frame["open_time"].to_physical() + HOUR_MS <= at
    past, future = frame.filter(closed), frame.filter(~closed)
    bent = future.select("open_time", pl.col(*PRICES).reverse() * 1.5, pl.col("volume").reverse())
    return {"cut off": past, "shuffled": pl.concat([past, bent])}
