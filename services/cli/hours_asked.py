"""The hourly candles a command is to look at: of a tape, or of the local history; with what is odd about them."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from services.cli.asked import BadRequest, moment
from services.filter.core.days import YEAR_MS, History, history_of
from services.filter.core.hours import HOUR_MS, gaps
from services.paper.adapters.tape_file import load_tapes, split_spec
from shared.history import history_path, read_history
from shared.settings import Settings
from shared.types import Market

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
    """Read them. Raises BadRequest, BadTape, HistoryMissing, BadCandles with one sentence."""
    if tape:
        frame, source, warnings = _of_tape(market, tape), ", ".join(tape), [w for spec in tape for w in _zoneless(spec)]
    else:
        path = history_path(settings.data_dir / "history", market)
        frame, source, warnings = read_history(path), str(path), []
    history = history_of(frame)
    if len(history.days.start) < 3:
        raise BadRequest(
            f"{source}: {len(history.days.start)} days of candles; the rule needs a day before, a day to buy in "
            "and a day to sell in"
        )
    missing, longest, begins = gaps(history.time, HOUR_MS)
    if missing:
        warnings.append(f"{missing:,} hours are missing, the longest run {longest:,} hours from {stamp(begins)}")
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


def _of_tape(market: Market, specs: list[str]) -> pl.DataFrame:
    tape = load_tapes(specs)
    if market not in tape.markets:
        raise BadRequest(f"{market} is not on the tape; it has {', '.join(tape.markets)}")
    frame = tape.frame(market, HOUR_MIN)
    if frame is None:
        raise BadRequest(f"the tape of {market} has candles of {tape.unit_min[market]} minutes; the rule needs hours")
    return frame


def _zoneless(spec: str) -> list[str]:
    """A warning if the file's times name no zone: read as UTC, they may have been meant as Seoul's."""
    _, path = split_spec(spec, (".parquet", ".csv"))
    told = _first_time(path)
    zoned = told.dtype.time_zone if isinstance(told.dtype, pl.Datetime) else _has_zone(told)
    if zoned:
        return []
    return [f"{path}: its times name no zone and are read as UTC; if they are Seoul's, every day begins 9 hours off"]


def _first_time(path: Path) -> pl.Series:
    table = pl.read_csv(path, n_rows=1) if path.suffix.lower() == ".csv" else pl.read_parquet(path, n_rows=1)
    return table["open_time" if "open_time" in table.columns else "ts"]


def _has_zone(text: pl.Series) -> bool:
    return bool(text.cast(pl.String).str.contains(r"(Z|[+-]\d\d:?\d\d)$").any())


def _hour(option: str, text: str) -> int:
    at = moment(text)
    if at.minute or at.second or at.microsecond:
        raise BadRequest(f"{option} {text}: the gate decides on the hour, such as {at:%Y-%m-%dT%H}:00Z")
    return round(at.timestamp() * 1000)


def stamp(ms: int) -> str:
    """2024-12-03 13:00 UTC."""
    return f"{datetime.fromtimestamp(ms / 1000, UTC):%Y-%m-%d %H:%M} UTC"
