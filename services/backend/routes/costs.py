"""What trading costs."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query

from services.backend.routes import examples
from services.backend.routes.dependencies import BackendDep
from services.backend.routes.examples import answers
from shared.api import routes
from shared.api.costs import Costs, ModelBudget
from shared.clock import SystemClock
from shared.writing import seoul_day

router = APIRouter(tags=["trades"])


@router.get(routes.COSTS.path, summary="What trading cost", responses=answers(examples.COSTS))
async def costs(
    backend: BackendDep,
    period: Annotated[Literal["day", "month"], Query(description="what a period is, in Seoul")] = "day",
    limit: Annotated[int, Query(ge=1, le=366, description="the newest so many periods")] = 31,
) -> Costs:
    """Fees, slippage and the model, by period; and what is used of the model's money of today."""
    periods, whole = await backend.books.costs(period, limit)
    return Costs(periods=periods, whole=whole, model_budget=await _budget(backend))


async def _budget(backend: BackendDep) -> ModelBudget | None:
    settings, day = backend.settings, seoul_day(SystemClock().now())
    if settings.paper_clock != "wall":
        return None
    used = await backend.books.model_used(day)
    return ModelBudget(day=day, budget=settings.llm_daily_budget_krw, used=used.cost, calls=used.calls)
