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

import polars as pl

from services.analyst.core.charts import WARM_UP
from services.analyst.core.verdict import Opinion
from services.analyst.core.votes import MUCH_VOLUME, votes
from shared.events import Choice, Confidence, Vote

OSCILLATORS = ("rsi", "bollinger", "stochastic")


def opinion(hours: pl.DataFrame, days: pl.DataFrame) -> Opinion:
    """Decide by the votes; never raises for want of candles.

    hours, days: (n, 6) in shared.candles.SCHEMA, ascending, closed candles only; either may be empty.
    """
    if hours.height < WARM_UP:
        few = f"시간봉 {hours.height}개뿐이라 판단 보류 (최소 {WARM_UP}개 필요)"
        return Opinion("hold", None, few, "RULES_TOO_FEW_CANDLES", "rules")
    cast = votes(hours, days)
    decision, code, says = _count({vote.name: vote for vote in cast})
    return Opinion(decision, _confidence(decision, cast), f"{says} ({_numbers(code, cast)})", code, "rules", cast)


def _count(by_name: dict[str, Vote]) -> tuple[Choice, str, str]:
    def vote(name: str) -> Literal[-1, 0, 1]:
        return by_name[name].vote if name in by_name else 0

    oscillators = {vote(name) for name in OSCILLATORS}
    if vote("trend") == vote("macd") == -1:
        return "sell", "RULES_TREND_BREAK", "상승 추세 이탈"
    if oscillators == {-1}:
        return "sell", "RULES_OVERBOUGHT", "RSI 과매수 구간 진입"
    if oscillators == {1}:
        return "buy", "RULES_OVERSOLD", "RSI 과매도 구간 진입"
    return "hold", "RULES_NO_MAJORITY", "뚜렷한 신호 없음"


def _confidence(decision: Choice, cast: tuple[Vote, ...]) -> Confidence | None:
    if decision == "hold":
        return None
    side = 1 if decision == "buy" else -1
    value = {vote.name: vote.value for vote in cast}
    extreme = value.get("rsi", 50) <= 25 if side == 1 else value.get("rsi", 50) >= 75
    steps = sum((extreme, value.get("volume", 0) >= MUCH_VOLUME, value.get("days", 0) * side > 0))
    return ("low", "medium", "high", "high")[steps]


def _numbers(code: str, cast: tuple[Vote, ...]) -> str:
    """The numbers behind the decision: RSI 24.3, 볼린저 %b -0.08, 스토캐스틱 12.4."""
    value = {vote.name: vote.value for vote in cast}
    words = {
        "trend": "50시간 평균 대비 ATR {:+.2f}배",
        "macd": "MACD 히스토그램 ATR {:+.2f}배",
        "rsi": "RSI {:.1f}",
        "bollinger": "볼린저 %b {:.2f}",
        "stochastic": "스토캐스틱 {:.1f}",
        "volume": "거래량 {:.1f}배",
    }
    strongest = ("trend", "macd", "volume") if code == "RULES_TREND_BREAK" else (*OSCILLATORS, "volume")
    return ", ".join(words[name].format(value[name]) for name in strongest if name in value) or "지표 없음"
