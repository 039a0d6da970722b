"""Recorded order books from files of one JSON object a line, plain or gzipped."""

import gzip
import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from services.paper.adapters.tape_file import split_spec
from services.paper.core.bars import from_ms
from services.paper.core.recorded_books import Levels, RecordedBooks
from services.paper.core.tape import BadTape
from shared.events import BookLevel
from shared.types import Price, Volume

NEEDED = '{"timestamp": ms or ISO, "market": "KRW-BTC", "bids": [[price, size], …], "asks": [[price, size], …]}'


def load_books(specs: Sequence[str]) -> RecordedBooks:
    """Each spec is FILE or MARKET=FILE; without MARKET every line names its own. Raises BadTape with one sentence."""
    markets: dict[str, list[tuple[datetime, Levels]]] = {}
    for spec in specs:
        market_given, path = split_spec(spec, (".jsonl", ".gz"))
        for n, line in enumerate(_lines(path), start=1):
            try:
                market = market_given or str(line["market"])
                markets.setdefault(market, []).append(
                    (_moment(line["timestamp"]), levels_of(line["asks"], line["bids"]))
                )
            except (KeyError, TypeError, ValueError, InvalidOperation) as e:
                raise BadTape(f"{path}: line {n} is no order book; one looks like {NEEDED}") from e
    return RecordedBooks({market: sorted(books, key=lambda book: book[0]) for market, books in markets.items()})


def _lines(path: Path) -> Iterator[Any]:
    try:
        with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as file:
            yield from (json.loads(line, parse_float=Decimal, parse_int=Decimal) for line in file if line.strip())
    except (OSError, EOFError, ValueError) as e:
        raise BadTape(f"{path}: the file cannot be read as JSON lines: {e}") from e


def _moment(value: Any) -> datetime:
    if isinstance(value, Decimal):
        return from_ms(int(value))
    moment = datetime.fromisoformat(value)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)


def levels_of(asks: Iterable[Sequence[Any]], bids: Iterable[Sequence[Any]]) -> Levels:
    """Pairs of price and size, best first; as many as the shorter side has: Upbit's unit holds one of each.

    Raises ValueError for an empty or crossed book.
    """
    levels = tuple(
        BookLevel(ask_price=Price(ask[0]), ask_size=Volume(ask[1]), bid_price=Price(bid[0]), bid_size=Volume(bid[1]))
        for ask, bid in zip(asks, bids, strict=False)
    )
    if not levels or levels[0].ask_price <= levels[0].bid_price:
        raise ValueError("no book, or a crossed one")
    return levels
