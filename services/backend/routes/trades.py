"""The trades: what was executed."""

from collections.abc import AsyncIterator
from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, HTTPException, Path, Query
from fastapi.responses import StreamingResponse

from services.backend.core import export
from services.backend.routes import examples
from services.backend.routes.csv_page import MEDIA_TYPE
from services.backend.routes.dependencies import BackendDep, InLanguage
from services.backend.routes.examples import answers
from services.backend.routes.problems import documented
from shared.api import routes
from shared.api.trades import TradeDetail, Trades, TradeStats
from shared.types import Market

router = APIRouter(tags=["trades"])
INT32 = 2**31 - 1
Symbol = Annotated[Market | None, Query(description="such as KRW-ETH", examples=["KRW-ETH"])]


@router.get(routes.TRADES.path, summary="The trades, newest first", responses=answers(examples.TRADES))
async def trades(
    backend: BackendDep,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
    offset: Annotated[int, Query(ge=0, le=INT32)] = 0,
    symbol: Symbol = None,
    side: Literal["buy", "sell"] | None = None,
    before: Annotated[int | None, Query(ge=1, le=INT32, description="an id: only older ones", examples=[125])] = None,
) -> Trades:
    """Newest first. New trades shift what `offset` counts; `before` with a page's last id gives the next one whole."""
    page, total = await backend.books.trades(limit=limit, offset=offset, symbol=symbol, side=side, before=before)
    return Trades(trades=page, total=total)


# These two before the last one, which would take "stats" for an id.


@router.get(routes.STATS.path, summary="Figures over the trades", responses=answers(examples.STATS))
async def stats(
    backend: BackendDep,
    by: Annotated[Literal["day", "month"], Query(description="what a period is, in Seoul")] = "day",
    first: Annotated[
        date | None, Query(alias="from", description="a day of Seoul: nothing before it", examples=["2025-12-28"])
    ] = None,
) -> TradeStats:
    """How many, how much, what it cost and what it brought; in all, by market, by period, by reason."""
    return await backend.books.stats(by, first)


@router.get(
    routes.EXPORTS["trades"],
    summary="Every trade as CSV",
    response_class=StreamingResponse,
    responses=answers(examples.TRADES_CSV, MEDIA_TYPE),
)
async def export_csv(
    backend: BackendDep,
    symbol: Symbol = None,
    side: Literal["buy", "sell"] | None = None,
    language: InLanguage = None,
) -> StreamingResponse:
    """Every trade, oldest first, for a spreadsheet."""

    async def lines() -> AsyncIterator[str]:
        yield export.MARK + export.line([*export.TRADES])
        async for trade in backend.books.every_trade(symbol=symbol, side=side, language=language or backend.language):
            yield export.trade_row(trade)

    if lacks := await backend.books.lacks():
        raise HTTPException(503, lacks)
    headers = {"Content-Disposition": 'attachment; filename="trades.csv"'}
    return StreamingResponse(lines(), media_type=MEDIA_TYPE, headers=headers)


@router.get(routes.TRADE.path, summary="One trade", responses=answers(examples.TRADE) | documented(404))
async def trade(
    backend: BackendDep,
    trade_id: Annotated[int, Path(ge=1, le=INT32, examples=[1])],
    language: InLanguage = None,
) -> TradeDetail:
    """One trade, with its fee, its profit and the analyst's reason."""
    found = await backend.books.trade(trade_id, language or backend.language)
    if found is None:
        raise HTTPException(404, f"there is no trade {trade_id}")
    return found
