"""What was cut from a sale's order, and why, in one line (pure)."""

from shared.events import FillRecorded, OrderFilled, OrderIntended, SaleStep
from shared.types import Language
from shared.why.words import WORDS
from shared.writing import coins, percent


def cut(event: OrderIntended | FillRecorded | OrderFilled, language: Language) -> str | None:
    """None of an order that nothing was cut from; of an intent, what the book promised."""
    step, market = event.step, event.market
    if step is None:
        return None
    if isinstance(event, OrderIntended):
        sold, price = step.wanted - step.left, step.worst
    else:
        sold = event.volume if isinstance(event, FillRecorded) else event.amount
        price = event.price or step.worst
    say, left = WORDS[language], step.wanted - sold
    line = "sale_promised" if isinstance(event, OrderIntended) else "sale_cut" if left > 0 else "sale_beyond"
    return say[line].format(
        left=coins(left, market),
        wanted=coins(step.wanted, market),
        slippage=percent(1 - price / step.best, 2),
        why=_why(step, language),
    )


def _why(step: SaleStep, language: Language) -> str:
    return WORDS[language][f"cut_{step.cut}"].format(limit=percent(step.limit, 2))
