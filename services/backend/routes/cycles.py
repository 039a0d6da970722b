"""The cycles: each tick of the clock for a market, how it ended and why."""

from typing import Annotated, Literal

from fastapi import APIRouter, HTTPException, Path, Query, Request
from fastapi.responses import Response

from services.backend.ports import Backend
from services.backend.routes import examples
from services.backend.routes.csv_page import MEDIA_TYPE, MostRows, csv_page, newest
from services.backend.routes.dependencies import BackendDep, Before, InLanguage
from services.backend.routes.examples import answers
from services.backend.routes.problems import documented
from shared.api import routes
from shared.api.cycles import Cycle, CycleDetail, Cycles
from shared.api.prompt import SentPrompt
from shared.types import CycleId, Market
from shared.why import why

router = APIRouter(tags=["cycles"])
InMarket = Annotated[Market | None, Query(description="such as KRW-ETH", examples=["KRW-ETH"])]
Ended = Annotated[Literal["success", "failed"] | None, Query(description="of those that have ended")]
InPath = Annotated[CycleId, Path(description="market and slot", examples=["KRW-ETH-20261122T1500Z"])]


@router.get(routes.CYCLES.path, summary="The cycles, newest first", responses=answers(examples.CYCLES))
async def cycles(
    backend: BackendDep,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
    offset: Annotated[int, Query(ge=0, le=2**31 - 1)] = 0,
    market: InMarket = None,
    status: Ended = None,
    before: Before = None,
    language: InLanguage = None,
) -> Cycles:
    """Newest first, with their results. New cycles shift what `offset` counts; `before` with `older` does not move."""
    page, total = await backend.books.cycles(
        limit=limit, offset=offset, market=market, status=status, before=before, language=language or backend.language
    )
    return Cycles(cycles=page, total=total, older=page[-1].cycle if len(page) == limit else None)


@router.get(
    routes.EXPORTS["cycles"],
    summary="The cycles as CSV, newest first",
    response_class=Response,
    responses=answers(examples.CYCLES_CSV, MEDIA_TYPE),
)
async def export_csv(
    request: Request,
    backend: BackendDep,
    limit: MostRows = 5000,
    market: InMarket = None,
    status: Ended = None,
    before: Before = None,
    language: InLanguage = None,
) -> Response:
    """The cycles for a spreadsheet. Where older ones follow, the header `Link` has the address of the next page."""

    async def read(limit: int, before: str | None) -> tuple[tuple[Cycle, ...], int]:
        return await backend.books.cycles(
            limit=limit, market=market, status=status, before=before, language=language or backend.language
        )

    rows, older = await newest(read, limit, before)
    return csv_page(request, "cycles", Cycle, rows, older)


# Behind the one before, whose address it would take for a cycle.


@router.get(routes.CYCLE.path, summary="One cycle, and why", responses=answers(examples.CYCLE_DETAIL) | documented(404))
async def cycle(
    backend: BackendDep,
    cycle: InPath,
    language: InLanguage = None,
) -> CycleDetail:
    """One cycle with every event of it, in the order of the log, and the story of why it ended as it did."""
    language = language or backend.language
    found = await backend.books.cycle(cycle, language)
    if found is None:
        raise await _no_cycle(backend, cycle)
    events, record = await backend.cycle_history.of(cycle)
    return CycleDetail(**dict(found), why=why(record, language), events=events)


@router.get(routes.PROMPT.path, summary="What the model was told", responses=answers(examples.PROMPT) | documented(404))
async def prompt(backend: BackendDep, cycle: InPath) -> SentPrompt:
    """The analyst's prompt in full, made again from the events of the hour, and whether it is what was sent then."""
    record, opening = await backend.cycle_history.with_opening(cycle)
    if not record.entries and not record.unreadable:
        raise await _no_cycle(backend, cycle)
    from services.backend.core.sent_prompt import NoPrompt, sent_prompt  # loads numpy, TA-Lib and polars

    try:
        return sent_prompt(record, opening)
    except NoPrompt as e:
        raise HTTPException(404, str(e)) from e


async def _no_cycle(backend: Backend, cycle: CycleId) -> HTTPException:
    miss = await backend.books.missed(cycle)
    return HTTPException(404, f"there is no cycle {cycle}" + (f"; its slot was missed: {miss}" if miss else ""))
