"""What trading costs: fees, slippage and the model."""

from datetime import date

from pydantic import Field

from shared.api.shape import Number, Shape


class CostPeriod(Shape):
    """Won. The model's is counted by the slots of its cycles, fee and slippage by the time of execution."""

    period: str = Field(description="a month or a day in Seoul: 2026-01, 2026-01-05")
    fees: Number
    slippage: Number = Field(description="lost against the price the decision saw; negative is won")
    model_cost: Number
    model_calls: int


class ModelBudget(Shape):
    """day: Seoul's, today. used: what the calls of its cycles cost; a question that is under way is not in it."""

    day: date
    budget: Number = Field(description="LLM_DAILY_BUDGET_KRW of the backend's own settings")
    used: Number
    calls: int


class Costs(Shape):
    """Newest first; a period without a cost is left out. whole: of all time.

    model_budget: null on a tape, whose day is not the one in which the money is spent.
    """

    periods: tuple[CostPeriod, ...]
    whole: CostPeriod = Field(description='its period is "all"')
    model_budget: ModelBudget | None
