"""What a history's manifest says of it, for people (pure)."""

from collections.abc import Iterator

from shared.api.history import MarketHistory, MonthGap
from shared.history.manifest import HOUR, Manifest
from shared.types import Market


def history_state(market: Market, manifest: Manifest | None) -> MarketHistory:
    """manifest: None where there is no history."""
    if manifest is None:
        return MarketHistory(
            market=market, first=None, until=None, candles=0, missing=0, gaps=(), corrected=0, synthetic=False
        )
    return MarketHistory(
        market=market,
        first=manifest.first,
        until=manifest.ends,
        candles=manifest.rows,
        missing=manifest.missing,
        gaps=tuple(_gaps(manifest)),
        corrected=manifest.corrected,
        synthetic=manifest.synthetic,
    )


def _gaps(manifest: Manifest) -> Iterator[MonthGap]:
    """A gap over the turn of a month counts to the one in which it ends."""
    closed = manifest.first
    for month in manifest.months:
        hours = round((month.last + HOUR - closed) / HOUR) - month.rows
        closed = month.last + HOUR
        if hours:
            yield MonthGap(month=month.name, hours=hours)
