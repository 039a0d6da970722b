"""The owner's own sale: what it would bring, and the request."""

from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query

from services.backend.routes import examples
from services.backend.routes.dependencies import BackendDep, RequestedBy, require_owner
from services.backend.routes.examples import answers
from services.backend.routes.problems import documented
from shared.api import routes
from shared.api.sale import Sale, SaleRequest
from shared.types import CycleId, Market

router = APIRouter(tags=["bot"], dependencies=[Depends(require_owner)])
SaleMarket = Annotated[Market, Path(description="such as KRW-ETH", examples=["KRW-ETH"])]


@router.get(routes.SALE.path, summary="What a sale would bring", responses=answers(examples.SALE) | documented(409))
async def preview(backend: BackendDep, market: SaleMarket) -> Sale:
    """What of the bot's own position would be sold, at the bids the exchange shows now. Orders nothing.

    Needs the token, because each look asks the exchange.
    """
    return await backend.sales.preview(market)


@router.post(
    routes.SELL.path, summary="Sell the bot's position", responses=answers(examples.SALE_REQUEST) | documented(409)
)
async def sell(
    backend: BackendDep,
    market: SaleMarket,
    id: Annotated[CycleId, Query(description="of the sale that was shown", examples=["KRW-ETH-20251228T050312Z-sale"])],
    amount: Annotated[Decimal, Query(gt=0, lt=10**15, description="that was shown", examples=[0.0115])],
    by: RequestedBy = "api",
) -> SaleRequest:
    """Sell at most what was shown, within two minutes. The executor does it by its own rules: follow the cycle.

    Asking twice with one id sells once. 409: the position has changed, too long ago, or the bot is paused or stopped.
    """
    return await backend.sales.ask(market, id, amount, by)
