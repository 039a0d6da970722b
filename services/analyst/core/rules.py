"""The rules-only analyst: when the votes make a decision, and how sure it is (pure).

- Oversold, buy: RSI, Bollinger and stochastic all vote +1.
- Overbought, sell: all three vote -1.
- Trend break, sell: the close has just fallen below its 50-hour mean while MACD points down. It goes
  before oversold: a fall that breaks the trend is no dip.
- Anything else: hold.

Confidence: low, and a step up for each of an RSI beyond 25 or 75, much volume (either way: it ends a move),
and the 20-day mean on the same side.
"""

from typing import Literal

from services.analyst.core.verdict import Opinion
from services.analyst.core.votes import MUCH_VOLUME, votes
from shared.candle_arrays import CandleArrays
from shared.catalogue import Entry, analyst
from shared.events import Choice, Confidence, Vote
from shared.prompt.charts import WARM_UP

OSCILLATORS = ("rsi", "bollinger", "stochastic")


def opinion(hours: CandleArrays, days: CandleArrays) -> Opinion:
    """Decide by the votes; never raises for want of candles.

    hours, days: closed candles only; either may be empty.
    """
    if len(hours) < WARM_UP:
        few = analyst.RULES_TOO_FEW_CANDLES.because({"candles": len(hours), "least": WARM_UP})
        return Opinion("hold", None, few, "rules")
    cast = votes(hours, days)
    decision, entry = _count({vote.name: vote for vote in cast})
    value = {vote.name: vote.value for vote in cast}
    why = entry.because({name: value.get(name) for name in entry.takes})
    return Opinion(decision, _confidence(decision, cast), why, "rules", cast)


def _count(by_name: dict[str, Vote]) -> tuple[Choice, Entry]:
    def vote(name: str) -> Literal[-1, 0, 1]:
        return by_name[name].vote if name in by_name else 0

    oscillators = {vote(name) for name in OSCILLATORS}
    if vote("trend") == vote("macd") == -1:
        return "sell", analyst.RULES_TREND_BREAK
    if oscillators == {-1}:
        return "sell", analyst.RULES_OVERBOUGHT
    if oscillators == {1}:
        return "buy", analyst.RULES_OVERSOLD
    return "hold", analyst.RULES_NO_MAJORITY


def _confidence(decision: Choice, cast: tuple[Vote, ...]) -> Confidence | None:
    if decision == "hold":
        return None
    side = 1 if decision == "buy" else -1
    value = {vote.name: vote.value for vote in cast}
    extreme = value.get("rsi", 50) <= 25 if side == 1 else value.get("rsi", 50) >= 75
    steps = sum((extreme, value.get("volume", 0) >= MUCH_VOLUME, value.get("days", 0) * side > 0))
    return ("low", "medium", "high", "high")[steps]
