"""The win rate of each hour's year against its threshold, drawn in the terminal."""

from collections.abc import Sequence
from datetime import UTC, datetime

import plotext
from rich.text import Text

from services.filter.core.gate import StrategyGate
from services.filter.core.hours import HOUR_MS, Stretch
from shared.writing import share

_WIDTH, _HEIGHT, _TICKS = 100, 18, 6


def win_rate_plot(span: Sequence[Stretch], gate: StrategyGate, *, colour: bool) -> Text:
    figure = plotext.figure.clear()
    figure.plot_size(_WIDTH, _HEIGHT)
    figure.theme("colorless")
    begins, rates = [s.begin for s in span], [100 * s.report.win_rate for s in span]
    figure.draw(figure.signal(begins, rates, marker=plotext.marker("hd", "cyan+" if colour else None)).lines())
    figure.line(100 * gate.win_rate_min, pixel="red+" if colour else None)
    end = span[-1].begin + span[-1].hours * HOUR_MS
    ticks = [span[0].begin + n * (end - span[0].begin) // _TICKS for n in range(_TICKS + 1)]
    days = [f"{datetime.fromtimestamp(t / 1000, UTC):%Y-%m-%d}" for t in ticks]
    figure.ruler("x").lim(ticks[0], end).ticks(ticks, days)
    figure.title(f"win rate of the year before each hour, %; the line is the {share(gate.win_rate_min)} asked for")
    drawn = figure.build()
    return Text.from_ansi(str(drawn)) if colour else Text(plotext.uncolorize(drawn))
