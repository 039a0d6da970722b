"""What a chart is drawn of, the gate's figure beside its threshold, and the candles that it judges by."""

from typing import Annotated

from fastapi import APIRouter, Query

from services.backend.routes import examples
from services.backend.routes.dependencies import BackendDep, Before, Moment
from services.backend.routes.examples import answers
from shared.api import routes
from shared.api.chart import Candles, GateSeries
from shared.api.history import Histories
from shared.types import Market

router = APIRouter(tags=["chart"])
_AT = "2025-12-28T14:00:00+09:00"


@router.get(routes.CANDLES.path, summary="The hourly candles of a market", responses=answers(examples.CANDLES))
async def candles(
    backend: BackendDep,
    market: Annotated[Market, Query(description="such as KRW-ETH", examples=["KRW-ETH"])],
    first: Annotated[
        Moment | None, Query(alias="from", description="only candles that opened then or later", examples=[_AT])
    ] = None,
    cut: Annotated[
        Moment | None, Query(alias="to", description="the cut: no candle that closed after it", examples=[_AT])
    ] = None,
    limit: Annotated[int, Query(ge=1, le=1000, description="the newest so many")] = 200,
) -> Candles:
    """Closed hourly candles as the bot saw them in its cycles, oldest first; where no cycle ran there are none.

    With `to`, as they were known then: nothing that closed after it, and no later correction.
    """
    return await backend.candles.of(market, first=first, cut=cut, limit=limit)


@router.get(routes.HISTORIES.path, summary="The gate's candles", responses=answers(examples.HISTORIES))
async def histories(backend: BackendDep) -> Histories:
    """From when until when the broker holds the hourly candles that the gate judges by, and which hours lack one."""
    return await backend.histories.all()


@router.get(routes.GATE.path, summary="What the gate said, cycle by cycle", responses=answers(examples.GATE))
async def gate(
    backend: BackendDep,
    market: Annotated[Market | None, Query(description="such as KRW-ETH", examples=["KRW-ETH"])] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
    before: Before = None,
) -> GateSeries:
    """The share of winning trades of the year before each cycle, beside what it had to be; newest first."""
    return await backend.books.gate(market=market, limit=limit, before=before)
