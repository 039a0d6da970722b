"""The trades: what was executed."""

from typing import Annotated, Literal

from fastapi import APIRouter, HTTPException, Path, Query

from services.backend.core.shapes import TradeDetail, Trades, TradeStats
from services.backend.routes.asked import Asked
from services.backend.routes.problems import documented
from shared.types import Market

router = APIRouter(prefix="/api/trades", tags=["trades"])
_INT32 = 2**31 - 1


@router.get("", responses=documented(422, 503))
async def trades(
    backend: Asked,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
    offset: Annotated[int, Query(ge=0, le=_INT32)] = 0,
    symbol: Annotated[Market | None, Query(description="such as KRW-ETH")] = None,
    side: Literal["buy", "sell"] | None = None,
) -> Trades:
    """Newest first."""
    page, total = await backend.books.trades(limit=limit, offset=offset, symbol=symbol, side=side)
    return Trades(trades=page, total=total)


@router.get("/stats", responses=documented(503))  # before the next one, which would take "stats" for an id
async def stats(backend: Asked) -> TradeStats:
    """How many, how much and what it cost; in all and by market."""
    return await backend.books.stats()


@router.get("/{trade_id}", responses=documented(404, 422, 503))
async def trade(backend: Asked, trade_id: Annotated[int, Path(ge=1, le=_INT32)]) -> TradeDetail:
    """One trade, with its fee and the analyst's reason."""
    found = await backend.books.trade(trade_id)
    if found is None:
        raise HTTPException(404, f"there is no trade {trade_id}")
    return found
