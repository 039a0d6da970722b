"""Why it bought or sold, as the head of a row; an hour has the whole sentence (pure)."""

from services.page.core.words.both import Both

_OVERSOLD, _OVERBOUGHT = Both("규칙: RSI 과매도", "Rules: oversold"), Both("규칙: RSI 과매수", "Rules: overbought")
_TREND = Both("규칙: 상승 추세 이탈", "Rules: the trend broke")
_SPENT = Both("{} (모델 예산 소진)", "{} (model's money spent)")


def _over_budget(rule: Both) -> Both:
    return Both(*(spent.format(told) for spent, told in zip(_SPENT, rule, strict=True)))


WORDS = {
    "reason_LLM_BUY": Both("모델: 매수", "Model: buy"),
    "reason_LLM_SELL": Both("모델: 매도", "Model: sell"),
    "reason_RULES_OVERSOLD": _OVERSOLD,
    "reason_RULES_OVERBOUGHT": _OVERBOUGHT,
    "reason_RULES_TREND_BREAK": _TREND,
    "reason_LLM_BUDGET_RULES_OVERSOLD": _over_budget(_OVERSOLD),
    "reason_LLM_BUDGET_RULES_OVERBOUGHT": _over_budget(_OVERBOUGHT),
    "reason_LLM_BUDGET_RULES_TREND_BREAK": _over_budget(_TREND),
    "reason_EXIT_STOP_LOSS": Both("손절", "Stop-loss"),
    "reason_EXIT_TRAILING_STOP": Both("추적 손절", "Trailing stop"),
    "reason_EXIT_TAKE_PROFIT": Both("익절", "Take-profit"),
    "reason_EXIT_OWNER": Both("직접 매도", "Your own sale"),
    "reason_EXIT_PANIC": Both("패닉", "Panic"),
    "reason_ORDER_ADOPTED": Both("인수한 주문", "Adopted order"),
    "reason_DECISION_LOST": Both("판단이 기록에 없음", "The log lacks the decision"),
    "reason_": Both("이유가 기록에 없음", "No reason in the log"),
}
