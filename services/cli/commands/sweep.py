"""Try thousands of settings of the rule: chosen on the first half, tried on the second, and how much is luck."""

from dataclasses import dataclass
from statistics import median
from typing import Annotated, Any

import polars as pl
import typer
from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from services.cli.options import TapeFiles
from services.cli.research import hours_asked
from services.cli.research.hours_asked import Candles, stamp
from services.cli.screen import Screen, line, say_json
from services.filter.core.breakout import Rule
from services.filter.core.daily_inputs import RULES_OWN_EXIT, DailyInputs, ParameterGrid
from services.filter.core.days import DAY_MS
from services.filter.core.luck import p_value, shuffled_bests, warm_inputs
from services.filter.core.sweep import gains, scores
from shared.errors import BadRequest
from shared.settings import Settings
from shared.writing import pct, signed_pct, whole

TRENDS = (0, 3, 5, 10, 20, 40, 60)
EXIT_HOURS = (6, 9, 12, 15, 18, 21, 24)
KS = tuple(n / 20 for n in range(1, 41))
DAYS_MIN = 30  # of each half, after the longest trend
MARKETS = 100  # shuffled ones; so the smallest chance that can be told is 1 %
SEED = 1
SHOWN = 10
BY_NAME = ["exit_hour", "trend", "k"]


@dataclass(frozen=True)
class Sweep:
    candles: Candles
    first: DailyInputs  # the half the settings are chosen on
    second: DailyInputs  # the half they have not seen
    ranked: pl.DataFrame  # by total return of the first half; the second's figures end in _out
    k: float  # the owner's
    lucky: list[float]

    @property
    def best(self) -> dict[str, Any]:
        return self.ranked.row(0, named=True)

    @property
    def owners(self) -> dict[str, Any]:
        """The rule as it is set: no trend filter, out at the next day's open."""
        own = (pl.col("k") == self.k) & (pl.col("trend") == 0) & (pl.col("exit_hour") == RULES_OWN_EXIT)
        return self.ranked.row(by_predicate=own, named=True)

    @property
    def chance(self) -> float:
        return p_value(self.best["total_return"], self.lucky)

    def as_json(self) -> dict[str, Any]:
        return {
            "market": self.candles.market,
            "settings": len(self.ranked),
            "chosen_on": _span(self.first),
            "tried_on": _span(self.second),
            "luck": {
                "shuffled_markets": len(self.lucky),
                "seed": SEED,
                "median_best": median(self.lucky),
                "chance": self.chance,
            },
            "owners": self.owners,
            "ranked": self.ranked.to_dicts(),
            "warnings": self.candles.warnings,
        }


EPILOG = "Example: [bold]upcycle sweep --market KRW-ETH --tape eth.parquet[/]"


def command(
    market: Annotated[str, typer.Option(help="Such as KRW-ETH.")] = "KRW-ETH",
    tape: TapeFiles = [],  # noqa: B006
    as_json: Annotated[bool, typer.Option("--json", help="Print every setting's figures alone.")] = False,
) -> None:
    run(market, tape, as_json)


def run(market: str, tape: list[str], as_json: bool) -> None:
    settings = Settings.load()
    sweep = swept(hours_asked.candles(market, tape, settings), settings)
    if as_json:
        say_json(sweep.as_json())
    else:
        _print(Screen(), sweep)


def swept(found: Candles, settings: Settings, markets: int = MARKETS) -> Sweep:
    """Choose on the first half of the days, try on the second. Raises BadRequest if a half is too short."""
    own = Rule.of(settings)
    grid = ParameterGrid(sorted({*KS, own.k}), TRENDS, EXIT_HOURS)
    costs = {"fee_rate": own.fee_rate, "slippage": own.slippage}
    seen = warm_inputs(found.frame, grid)
    days = len(seen.day)
    if days < 2 * DAYS_MIN:
        raise BadRequest(
            f"{found.source}: {max(0, days)} days after the {max(TRENDS)} a trend needs; "
            f"a half to choose on and a half to try on need {2 * DAYS_MIN}"
        )
    halves = seen.between(0, days // 2), seen.between(days // 2, days)
    chosen, tried = (scores(half, grid, gains(half, grid, **costs)) for half in halves)
    ranked = chosen.join(tried, on=BY_NAME, suffix="_out", maintain_order="left").sort(
        "total_return", descending=True, maintain_order=True
    )
    ranked = ranked.with_columns(
        rank=pl.int_range(1, len(ranked) + 1),
        rank_out=pl.col("total_return_out").rank("min", descending=True).cast(pl.Int64),
    )
    # The first half with its warm-up, and the day after it, whose open is the last exit.
    before = found.frame.filter(pl.col("open_time").to_physical() < halves[1].day[0] + DAY_MS)
    lucky = list(shuffled_bests(before, grid, markets=markets, seed=SEED, **costs))
    return Sweep(found, *halves, ranked, own.k, lucky)


def _print(screen: Screen, sweep: Sweep) -> None:
    best, owners = sweep.best, sweep.owners
    chosen, tried = _span(sweep.first), _span(sweep.second)
    screen.print(
        Text.assemble(
            (sweep.candles.market, "bold"),
            f"  {whole(len(sweep.ranked))} settings, chosen on {chosen['days']} days "
            f"({chosen['from']} to {chosen['to']}), tried on the {tried['days']} after them "
            f"({tried['from']} to {tried['to']})",
        )
    )
    table = Table(
        title="best on the first half; ² on the second", title_justify="left", box=SIMPLE_HEAD, padding=(0, 1, 0, 0)
    )
    for name in ("#", "k", "trend", "exit", "trades", "won", "earned", "trades²", "won²", "earned²", "#²"):
        table.add_column(name, justify="right")
    for row in sweep.ranked.head(SHOWN).to_dicts():
        table.add_row(*_cells(row))
    if owners["rank"] > SHOWN:
        table.add_section()
        table.add_row(*_cells(owners), style="cyan")
    screen.print(table)
    screen.print(
        "trend: buy only on days that open above the mean close of so many days before; 0: on any. exit: the first "
        "open at or after that hour (UTC) of the same day; 24 is the rule's own, the next day's first. "
        "Earned is net, compounded.",
        style="dim",
    )
    screen.print(
        f"the rule as it is set (k {sweep.k:g}) is number {whole(owners['rank'])} of {whole(len(sweep.ranked))}"
    )
    screen.print(
        Text.assemble(
            ("luck", "bold"),
            f": on {len(sweep.lucky)} markets of the same hours in another order (seed {SEED}), where nothing "
            f"can be learnt, the best setting came to {signed_pct(median(sweep.lucky))} at the median; the real best, "
            f"{signed_pct(best['total_return'])}, is reached by luck alone with a chance of {pct(sweep.chance, 0)}",
        )
    )
    for warning in sweep.candles.warnings:
        screen.print(line(("warning", "yellow"), f" {warning}"))


def _cells(row: dict[str, Any]) -> list[str]:
    figures = [whole(row["rank"]), f"{row['k']:g}", f"{row['trend']}", f"{row['exit_hour']}"]
    first = [f"{row['trades']}", pct(row["win_rate"]), signed_pct(row["total_return"])]
    second = [
        f"{row['trades_out']}",
        pct(row["win_rate_out"]),
        signed_pct(row["total_return_out"]),
    ]
    return [*figures, *first, *second, whole(row["rank_out"])]


def _span(half: DailyInputs) -> dict[str, Any]:
    return {"days": len(half.day), "from": stamp(half.day[0])[:10], "to": stamp(half.day[-1])[:10]}
