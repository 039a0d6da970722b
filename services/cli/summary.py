"""What hours of trading came to: counts, the gate's no, buys and sells with their reasons, and the equity."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from math import ceil

import plotext
from rich import box
from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from services.cli.lines import end
from services.cli.screen import line
from shared import events as ev
from shared.catalogue import sentence
from shared.plain_text import one_line
from shared.services import STAGES
from shared.types import Language, slot_time
from shared.writing import exact, seoul, signed_pct, whole, whole_won


@dataclass
class Played:
    """What was heard, stretch by stretch."""

    synthetic: bool
    language: Language
    stretches: list[str] = field(default_factory=list)
    ends: dict[str, Counter[str]] = field(default_factory=dict)
    short: dict[str, dict[str, list[float]]] = field(default_factory=dict)  # stretch, code: distances
    fills: list[ev.FillRecorded] = field(default_factory=list)
    equity: list[tuple[datetime, float]] = field(default_factory=list)
    cash: Decimal = Decimal(0)
    held: dict[str, Decimal] = field(default_factory=dict)
    prices: dict[str, Decimal] = field(default_factory=dict)

    def begin(self, stretch: str) -> None:
        self.stretches.append(stretch)
        self.ends[stretch] = Counter()
        self.short[stretch] = defaultdict(list)

    def note(self, event: ev.Event) -> None:
        """Take one event in."""
        now = self.stretches[-1]
        match event:
            case ev.SnapshotTaken():
                self.prices[event.market] = event.price
                self.held[event.market] = event.balances.coin_free + event.balances.coin_locked
                self.cash = event.balances.krw_free + event.balances.krw_locked
                self._mark(slot_time(event.slot))
            case ev.FillRecorded():
                self.fills.append(event)
                sign = 1 if event.side == "buy" else -1
                self.held[event.market] = self.held.get(event.market, Decimal(0)) + sign * event.volume
                self.cash -= sign * event.funds + event.fee
                self._mark(slot_time(event.slot))
            case ev.CycleRejected():
                self.ends[now][f"{event.kind} {event.reason_code}"] += 1
                for objection in event.objections:
                    self.short[now][objection.code].append(objection.distance)
            case ev.CycleEnded():
                self.ends[now][f"{event.kind} {event.reason_code}"] += 1
            case ev.CycleMissed():
                self.ends[now][f"{event.kind} {event.reason}"] += 1

    def worth(self) -> float:
        return float(self.cash + sum(n * self.prices.get(m, Decimal(0)) for m, n in self.held.items()))

    def _mark(self, at: datetime) -> None:
        if self.equity and self.equity[-1][0] == at:
            self.equity.pop()
        self.equity.append((at, self.worth()))


def cycle_line(played: Played, event: ev.CycleEnded | ev.CycleMissed, milliseconds: float) -> Text:
    """One ended cycle in one line: when, which market, how far it came, what the equity is, how it ended."""
    what: str | Text = end(event, played.language) if isinstance(event, ev.CycleEnded) else f"missed: {event.reason}"
    reached = STAGES.index(event.stage) + 1 if isinstance(event, ev.CycleEnded) and event.stage in STAGES else 1
    lights = ("●" * reached, "green"), ("○" * (len(STAGES) - reached), "dim")
    head = (seoul(slot_time(event.slot)), "dim"), f" {event.market} ", *lights, (f" {milliseconds:4.0f} ms", "dim")
    told = line(*head, f" {whole_won(played.worth())} ", what)
    told.overflow = "ellipsis"
    return told


def summary(played: Played, seconds: float, width: int) -> RenderableType:
    cycles = sum(sum(counts.values()) for counts in played.ends.values())
    head = Text.assemble(
        (f"{cycles} cycles in {seconds:.0f} s, each ended once", "bold"),
        "  (SYNTHETIC tape: no real prices)" if played.synthetic else "",
    )
    next_steps = (
        "What next\n"
        "  upcycle up        the whole system on this machine, paper money\n"
        "  upcycle cycle     one cycle by hand, stage by stage\n"
        "  upcycle demo --tape eth.parquet --tape btc.parquet    your own candles\n"
        "  upcycle --help    everything else"
    )
    return Group(
        "",
        head,
        _ends(played),
        _gate(played),
        _trades(played),
        _plot(played, width),
        _balance(played),
        Panel(next_steps),
    )


def _ends(played: Played) -> Table:
    table = Table("how cycles ended", *played.stretches, title="Ends", title_justify="left", box=box.SIMPLE_HEAD)
    for code in sorted({code for counts in played.ends.values() for code in counts}):
        table.add_row(code, *(str(played.ends[name][code] or "") for name in played.stretches))
    return table


def _gate(played: Played) -> Table:
    table = Table(
        "gate", "said no", "by reason, and how far off", title="The gate", title_justify="left", box=box.SIMPLE_HEAD
    )
    for name in played.stretches:
        counts = played.ends[name]
        no = sum(n for code, n in counts.items() if code.startswith("CycleRejected"))
        why = [f"{code} {len(d)} times, off by {min(d):.3f} to {max(d):.3f}" for code, d in played.short[name].items()]
        table.add_row(name, f"{no} of {sum(counts.values())}", "\n".join(why) or "-")
    return table


def _trades(played: Played) -> RenderableType:
    if not played.fills:
        return Text("No order was filled: nothing was bought or sold in these hours.")
    columns = ("time (KST)", "market", "", "price", "won", "why")
    table = Table(*columns, title="Buys and sells", title_justify="left", box=box.SIMPLE_HEAD)
    for fill in played.fills:
        side = Text(fill.side.upper(), "green" if fill.side == "buy" else "magenta")
        why = Text(one_line(sentence(fill, played.language)), no_wrap=True, overflow="ellipsis")
        table.add_row(seoul(fill.executed_at), fill.market, side, whole(fill.price), whole(fill.funds), why)
    return Group(table, *_round_trip(played))


def _round_trip(played: Played) -> list[Text]:
    """The first position that was opened and closed, told in full."""
    for sale in (fill for fill in played.fills if fill.side == "sell"):
        bought = [f for f in played.fills if f.market == sale.market and f.side == "buy" and f.cycle < sale.cycle]
        if not bought:
            continue
        paid = sum(fill.funds + fill.fee for fill in bought)
        got = sale.funds - sale.fee
        first = bought[0]
        return [
            line(("One position from beginning to end", "bold"), f", {sale.market}"),
            line(
                f"  bought {len(bought)} times from {seoul(first.executed_at)} on: {sentence(first, played.language)}"
            ),
            line(f"  sold {seoul(sale.executed_at)}: {sentence(sale, played.language)}"),
            Text(f"  paid {whole_won(paid)}, got {whole_won(got)}, fees included: {whole_won(got - paid)}\n"),
        ]
    return []


def _plot(played: Played, width: int) -> RenderableType:
    """The equity as a line, hour by hour."""
    if len(played.equity) < 2:
        return Text("Too few hours for a plot.")
    first, worths = played.equity[0][0], [worth for _, worth in played.equity]
    hours = [(at - first).total_seconds() / 3600 for at, _ in played.equity]
    figure = plotext.figure.clear()
    figure.plot_size(min(width, 100), 16)
    figure.theme("colorless")
    figure.draw(figure.signal(hours, worths, marker="braille").lines())
    figure.title("equity, won")
    figure.label(f"hours since {seoul(first)} KST", "x")
    ticks = round_ticks(min(worths), max(worths))
    figure.ruler("x").lim(0, hours[-1]).ticks(round_ticks(0, hours[-1]))
    figure.ruler("y").lim(min(worths) - 1, max(worths) + 1).ticks(ticks, [whole(tick) for tick in ticks])
    return Text.from_ansi(str(figure.build()))


def round_ticks(low: float, high: float, at_most: int = 6) -> list[int]:
    """Whole numbers of one step within a span; the step is 1, 2 or 5 times a power of ten, and at least 1."""
    steps = (factor * 10**power for power in range(16) for factor in (1, 2, 5))
    step = next(step for step in steps if high // step + (-low) // step < at_most)
    return [n * step for n in range(ceil(low / step), int(high // step) + 1)]


def _balance(played: Played) -> Text:
    begin = played.equity[0][1] if played.equity else 0.0
    now = played.worth()
    held = ", ".join(f"{exact(n)} {m.removeprefix('KRW-')}" for m, n in played.held.items() if n) or "no coins"
    change = signed_pct(now / begin - 1 if begin else 0.0, 2)
    return Text(f"Balance  {whole_won(played.cash)} and {held}; worth {whole_won(now)}, {change} since the start")
