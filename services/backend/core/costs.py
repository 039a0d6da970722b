"""What trading cost, by day or month (pure)."""

from collections.abc import Iterable, Mapping
from decimal import Decimal

from services.backend.core.draft import ALL, ModelSum, Sum
from services.backend.core.totals import Row
from shared.api.costs import CostPeriod


def costs(
    spans: Iterable[Row], overall: Iterable[Row], model: Mapping[str, ModelSum], limit: int
) -> tuple[tuple[CostPeriod, ...], CostPeriod]:
    """The newest periods in which anything cost anything, and all of it."""
    spans = list(spans)
    names = sorted({row.key.period for row in spans} | set(model) - {ALL}, reverse=True)[:limit]
    told = tuple(_period(name, (row for row in spans if row.key.period == name), model) for name in names)
    return told, _period(ALL, overall, model)


def _period(name: str, rows: Iterable[Row], model: Mapping[str, ModelSum]) -> CostPeriod:
    whole, asked = sum((row.sum for row in rows), Sum()), model.get(name, ModelSum())
    return CostPeriod(
        period=name,
        fees=whole.fees or Decimal(0),
        slippage=whole.slippage,
        model_cost=asked.cost,
        model_calls=asked.calls,
    )
