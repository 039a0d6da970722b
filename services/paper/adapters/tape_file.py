"""Tapes from Parquet and CSV files."""

import re
from collections.abc import Sequence
from pathlib import Path

import polars as pl

from services.paper.core.tape import BadTape, Tape
from shared.candles import SCHEMA, BadCandles, check

NEEDED = "ts (or open_time), open, high, low, close, volume"
ENDINGS = (".parquet", ".csv")
MARKET = re.compile(r"KRW-[A-Z0-9]{1,15}")


def load_tapes(specs: Sequence[str]) -> Tape:
    """Read the files; each spec is FILE or MARKET=FILE. Several of one market must differ in their unit.

    Raises BadTape with one sentence.
    """
    markets: dict[str, list[pl.DataFrame]] = {}
    synthetic = False
    for spec in specs:
        market, table = market_and_table(spec)
        _, path = split_spec(spec, ENDINGS)
        try:
            markets.setdefault(market, []).append(check(table, name=f"{path} ({market})"))
        except BadCandles as e:
            raise BadTape(str(e)) from e
        synthetic = synthetic or _metadata(path).get("synthetic") == "true"
    return Tape(markets, synthetic=synthetic)


def market_and_table(spec: str) -> tuple[str, pl.DataFrame]:
    """Whose candles a file holds, and they as they stand there, their times in UTC, unchecked. Raises BadTape."""
    market, path = split_spec(spec, ENDINGS)
    return market or _market_of(path, _metadata(path)), _table(path)


def split_spec(spec: str, endings: tuple[str, ...]) -> tuple[str | None, Path]:
    """ "KRW-BTC=btc.csv" -> its market and file; the market is None if the spec does not say it. Raises BadTape."""
    name, sign, rest = spec.strip().partition("=")
    market, path = (name, Path(rest)) if sign and not Path(spec).exists() else (None, Path(spec.strip()))
    if market is not None and not MARKET.fullmatch(market):
        raise BadTape(f"{market!r} is no market; write KRW- and the coin, such as KRW-ETH={path}")
    if not path.is_file():
        what = f"a tape is a Parquet or CSV file with the columns {NEEDED}" if ".csv" in endings else "give another"
        raise BadTape(f"{path}: there is no such file; {what}")
    if path.suffix.lower() not in endings:
        raise BadTape(f"{path}: the file's name must end in {' or '.join(endings)}")
    return market, path


def _metadata(path: Path) -> dict[str, str]:
    if path.suffix.lower() == ".csv":
        return {}
    try:
        return pl.read_parquet_metadata(path)
    except (pl.exceptions.PolarsError, OSError) as e:
        raise BadTape(f"{path}: this is no Parquet file") from e


def _market_of(path: Path, metadata: dict[str, str]) -> str:
    name = metadata.get("market", "")
    if MARKET.fullmatch(name):
        return name
    named = MARKET.search(path.name)
    if named is None:
        why = f"its metadata say {name!r}" if name else "neither its metadata nor its name say it"
        raise BadTape(f"{path}: which won market is this? {why}; write KRW-…={path}, such as KRW-ETH={path}")
    return named[0]


def read_frame(path: Path, rows: int | None = None) -> pl.DataFrame:
    """A file's rows, or its first ones. Its name is a name, though it may look like a pattern: KRW-ETH [1h].csv."""
    read = pl.read_csv if path.suffix.lower() == ".csv" else pl.read_parquet
    return read(path, n_rows=rows, glob=False)


def _table(path: Path) -> pl.DataFrame:
    try:
        table = read_frame(path)
    except (pl.exceptions.PolarsError, OSError) as e:
        raise BadTape(f"{path}: the file cannot be read: {str(e).splitlines()[0]}") from e
    if "open_time" not in table.columns and "ts" in table.columns:
        table = table.rename({"ts": "open_time"})
    missing = [column for column in SCHEMA if column not in table.columns]
    if missing:
        name = "ts (or open_time)" if missing[0] == "open_time" else missing[0]
        raise BadTape(
            f"{path}: the column {name} is missing; needed are {NEEDED}; there are {', '.join(table.columns)}"
        )
    try:
        return table.with_columns(open_time=_times(table["open_time"]))
    except pl.exceptions.PolarsError as e:
        raise BadTape(f"{path}: the times must look like 2024-12-01T00:00:00Z and are UTC") from e


def _times(column: pl.Series) -> pl.Series:
    if column.dtype == pl.String:
        text = column.str.replace("Z$", "+00:00").str.replace(" ", "T", literal=True)
        return text.str.to_datetime(time_unit="ms", time_zone="UTC")
    if isinstance(column.dtype, pl.Datetime):
        zoned = column if column.dtype.time_zone else column.dt.replace_time_zone("UTC")
        return zoned.dt.convert_time_zone("UTC").cast(pl.Datetime("ms", "UTC"))
    raise pl.exceptions.SchemaError(f"{column.dtype} is no time")
