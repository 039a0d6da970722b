"""What a call of the model costs, in dollars and won (pure)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from services.analyst.core.answer import Answer
from shared.events import Tariff
from shared.prompt.request import TOKENS_OUT_MAX, Api

_DATED = re.compile(r"-\d{4}-\d{2}-\d{2}$")


@dataclass(frozen=True, slots=True)
class Cost:
    usd: Decimal
    krw: Decimal


@dataclass(frozen=True, slots=True)
class Terms:
    """What is asked, how, and at which price. overhead: tokens of a call beside the prompt's own, its schema's."""

    model: str
    api: Api
    tariff: Tariff
    overhead: int


NOTHING = Decimal(0)
FREE = Cost(NOTHING, NOTHING)


def price_of(model: str, table: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The model's row, also by the name without its date: gpt-4.1-2025-04-14 costs what gpt-4.1 does."""
    found = table.get(model) or table.get(_DATED.sub("", model))
    return found if isinstance(found, Mapping) else None


def cost(tariff: Tariff, tokens_in: int, tokens_out: int, tokens_cached: int = 0) -> Cost:
    """Exact: a token's price has no remainder."""
    fresh = tokens_in - tokens_cached
    million_th = fresh * tariff.usd_in + tokens_cached * tariff.usd_cached + tokens_out * tariff.usd_out
    usd = million_th.scaleb(-6).normalize()
    return Cost(usd, (usd * tariff.krw_per_usd).normalize())


def worst_cost(tariff: Tariff, tokens_in: int) -> Cost:
    """The most a call can cost: nothing cached, every token written that is asked for."""
    return cost(tariff, tokens_in, TOKENS_OUT_MAX)


def cost_of_answer(tariff: Tariff, answer: Answer, tokens_in: int) -> Cost:
    """What a call cost; where nobody said, and it may have been billed, the worst. tokens_in: of the prompt."""
    if not answer.billed:
        return FREE
    if (usage := answer.usage) is None:
        return worst_cost(tariff, tokens_in)
    return cost(tariff, usage.tokens_in, usage.tokens_out, usage.tokens_cached)
