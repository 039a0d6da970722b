"""The hourly candles a command is to look at: of a tape, or of the bot's history; with what is odd about them."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime

import polars as pl

from services.cli.arguments import moment
from services.cli.research.file_hours import SEOULS, ZONELESS, zoneless
from services.cli.research.kept_histories import histories
from services.collector.core.gaps import looks_like_seoul
from services.filter.core.days import YEAR_MS, History, history_of
from services.filter.core.hours import HOUR_MS, gaps
from services.paper.adapters.tape_file import load_tapes
from shared.errors import BadRequest
from shared.settings import Settings
from shared.types import Market
from shared.writing import whole

HOUR_MIN = 60


@dataclass(frozen=True)
class Candles:
    market: Market
    frame: pl.DataFrame  # in shared.candles.SCHEMA
    history: History
    source: str
    warnings: tuple[str, ...]

    @property
    def ends(self) -> int:
        """When its last candle closed, ms."""
        return self.history.time[-1] + HOUR_MS


def candles(market: Market, tape: list[str], settings: Settings) -> Candles:
    """Read them. Raises BadRequest, BadTape, HistoryMissing with one sentence."""
    if tape:
        frame, torn = _of_tape(market, tape)
        source = ", ".join(tape)
        warnings = [f"{spec}: {ZONELESS}" for spec in tape if zoneless(spec)] + torn
    else:
        frame, source, warnings = asyncio.run(_kept(market, settings))
    history = history_of(frame)
    if len(history.days.start) < 3:
        raise BadRequest(
            f"{source}: {len(history.days.start)} days of candles; the rule needs a day before, a day to buy in "
            "and a day to sell in"
        )
    missing, longest, begins = gaps(history.time, HOUR_MS)
    if missing:
        warnings.append(
            f"{whole(missing)} hours are missing, the longest run {whole(longest)} hours from {stamp(begins)}"
        )
    if looks_like_seoul(frame["open_time"].to_list()):
        warnings.append(f"{source}: {SEOULS}")
    return Candles(market, frame, history, source, tuple(warnings))


def span(found: Candles, first: str | None, last: str | None) -> range:
    """The full hours from --from to before --to, ms; the candles' last year by default. Raises BadRequest."""
    begins, ends = found.history.time[0] + HOUR_MS, found.ends
    to = ends if last is None else _hour("--to", last)
    since = max(begins, to - YEAR_MS) if first is None else _hour("--from", first)
    if not begins <= since < to <= ends + HOUR_MS:
        raise BadRequest(
            f"the hours {stamp(since)} to {stamp(to)} are not all on the candles of {found.market}, "
            f"which can be decided from {stamp(begins)} to {stamp(ends)}"
        )
    return range(since, to, HOUR_MS)


async def _kept(market: Market, settings: Settings) -> tuple[pl.DataFrame, str, list[str]]:
    """The history that the bot's own gate reads."""
    try:
        async with histories(settings) as (archive, place):
            manifest = (await archive.must(market)).manifest
            made_up = ["the candles are synthetic: no real prices"] if manifest.synthetic else []
            return await archive.candles(manifest.months), f"the history in {place}", made_up
    except BadRequest as e:
        raise BadRequest(f"{e}; or give --tape FILE") from None


def _of_tape(market: Market, specs: list[str]) -> tuple[pl.DataFrame, list[str]]:
    """The tape's hours, and what is to be doubted of them."""
    tape = load_tapes(specs)
    if market not in tape.markets:
        raise BadRequest(f"{market} is not on the tape; it has {', '.join(tape.markets)}")
    frame, unit_min = tape.frame(market, HOUR_MIN), tape.unit_min[market]
    if frame is None:
        raise BadRequest(f"the tape of {market} has candles of {unit_min} minutes; the rule needs hours")
    finer = tape.frame(market, unit_min)
    assert finer is not None
    parts = finer.group_by(pl.col("open_time").dt.truncate("1h")).len()
    torn = int((parts["len"] * 2 * unit_min < HOUR_MIN).sum())
    lacks = f"{whole(torn)} hours are made of less than half of their {unit_min}-minute candles: their highs and lows"
    return frame, [f"{lacks} may be untrue"] if torn else []


def _hour(option: str, text: str) -> int:
    at = moment(text)
    if at.minute or at.second or at.microsecond:
        raise BadRequest(f"{option} {text}: the gate decides on the hour, such as {at:%Y-%m-%dT%H}:00Z")
    return round(at.timestamp() * 1000)


def stamp(ms: int) -> str:
    """2024-12-03 13:00 UTC."""
    return f"{datetime.fromtimestamp(ms / 1000, UTC):%Y-%m-%d %H:%M} UTC"
