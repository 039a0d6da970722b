"""What the account is worth, and what the analyst said."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from services.backend.routes import examples
from services.backend.routes.csv_page import MEDIA_TYPE, MostRows, csv_page, newest
from services.backend.routes.dependencies import BackendDep, Before, InLanguage
from services.backend.routes.examples import answers
from services.backend.routes.trades import INT32, Symbol
from shared.api import routes
from shared.api.account import Account
from shared.api.cycles import Decision, Decisions
from shared.api.portfolio import Portfolio

router = APIRouter(tags=["portfolio"])
Decided = Literal["buy", "sell", "hold"] | None


@router.get(routes.PORTFOLIO.path, summary="What the account is worth", responses=answers(examples.PORTFOLIO))
async def portfolio(
    backend: BackendDep,
    hours: Annotated[int, Query(ge=1, le=24 * 366, description="of history before the last valuation")] = 168,
) -> Portfolio:
    """The account at the prices of its last valuation, an hour old at most; profit by average cost, fees in."""
    return await backend.books.portfolio(hours)


@router.get(routes.ACCOUNT.path, summary="The account against the books", responses=answers(examples.ACCOUNT))
async def account(backend: BackendDep) -> Account:
    """What lies on the account beside the bot's own coins, and until when its key works, as last valued."""
    return await backend.account.last()


@router.get(routes.DECISIONS.path, summary="What the analyst said", responses=answers(examples.DECISIONS))
async def decisions(
    backend: BackendDep,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
    offset: Annotated[int, Query(ge=0, le=INT32)] = 0,
    symbol: Symbol = None,
    decision: Decided = None,
    before: Before = None,
    language: InLanguage = None,
) -> Decisions:
    """What the analyst said of each cycle that passed the gate, newest first, and what became of it."""
    page, total = await backend.books.decisions(
        limit=limit,
        offset=offset,
        symbol=symbol,
        decision=decision,
        before=before,
        language=language or backend.language,
    )
    return Decisions(decisions=page, total=total, older=page[-1].cycle if len(page) == limit else None)


@router.get(
    routes.EXPORTS["decisions"],
    summary="What the analyst said as CSV, newest first",
    response_class=Response,
    responses=answers(examples.DECISIONS_CSV, MEDIA_TYPE),
)
async def export_csv(
    request: Request,
    backend: BackendDep,
    limit: MostRows = 5000,
    symbol: Symbol = None,
    decision: Decided = None,
    before: Before = None,
    language: InLanguage = None,
) -> Response:
    """The decisions for a spreadsheet. Where older ones follow, the header `Link` has the address of the next page."""

    async def read(limit: int, before: str | None) -> tuple[tuple[Decision, ...], int]:
        return await backend.books.decisions(
            limit=limit,
            offset=0,
            symbol=symbol,
            decision=decision,
            before=before,
            language=language or backend.language,
        )

    rows, older = await newest(read, limit, before)
    return csv_page(request, "decisions", Decision, rows, older)
