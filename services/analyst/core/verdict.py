"""From an opinion to the decision that may be acted on: buying excluded, nothing to sell (pure)."""

from dataclasses import dataclass, replace
from typing import Literal

from services.analyst.core.judge import ANSWERED, Judgement
from shared.events import Choice, Confidence, DecisionMade, LostCalls, ModelCall, SignalPassed, SnapshotTaken, Vote


@dataclass(frozen=True, slots=True)
class Opinion:
    """What an analyst would do, whatever is held or forbidden."""

    decision: Choice
    confidence: Confidence | None
    reason: str
    reason_code: str
    analyst: Literal["rules", "model"]
    votes: tuple[Vote, ...] = ()
    call: ModelCall | None = None
    fallback: Literal["LLM_BUDGET"] | None = None
    lost: LostCalls | None = None


def model_opinion(judged: Judgement, call: ModelCall | None = None, lost: LostCalls | None = None) -> Opinion:
    """call: None if it was not asked at all. lost: asked before, in vain."""
    code = f"LLM_{judged.decision.upper()}" if judged.code == ANSWERED else judged.code
    return Opinion(judged.decision, judged.confidence, judged.reason, code, "model", call=call, lost=lost)


def rules_fallback(rules: Opinion, lost: LostCalls | None) -> Opinion:
    """What the rules say because the model's money is spent."""
    reason, code = f"모델 하루 예산 소진, 규칙 분석가: {rules.reason}", f"LLM_BUDGET_{rules.reason_code}"
    return replace(rules, reason=reason, reason_code=code, fallback="LLM_BUDGET", lost=lost)


def buy_block(signal: SignalPassed, snapshot: SnapshotTaken) -> str | None:
    """The code of what forbids buying in this cycle; None if nothing does."""
    return "GATE_EXIT_ONLY" if signal.exit_only else snapshot.safety.buy_blocked_by


def holds(snapshot: SnapshotTaken) -> bool:
    """Whether the bot itself has something to sell."""
    return snapshot.position is not None and snapshot.position.volume > 0


def hold_without_asking(snapshot: SnapshotTaken, block: str) -> DecisionMade:
    """Hold without asking anyone: nothing may be bought and nothing is held."""
    return decide(snapshot, Opinion("hold", None, _why(block, snapshot), block, "rules"), block)


def decide(snapshot: SnapshotTaken, opinion: Opinion, block: str | None) -> DecisionMade:
    """Turn a wish that cannot be into a hold which says what it was."""
    decision, reason, code = opinion.decision, opinion.reason, opinion.reason_code
    if decision == "buy" and block is not None:
        decision, reason, code = "hold", f"{_why(block, snapshot)}. 매수 판단이었음: {reason}", block
    elif decision == "sell" and not holds(snapshot):
        code = "LLM_NOTHING_TO_SELL" if opinion.analyst == "model" else "RULES_NOTHING_TO_SELL"
        decision, reason = "hold", f"팔 수량 없음. 매도 판단이었음: {reason}"
    return DecisionMade(
        cycle=snapshot.cycle,
        decision=decision,
        confidence=opinion.confidence,
        reason=reason,
        reason_code=code,
        analyst=opinion.analyst,
        votes=opinion.votes,
        buy_blocked_by=block,
        price=snapshot.price,
        call=opinion.call,
        fallback=opinion.fallback,
        lost=opinion.lost,
    )


def _why(block: str, snapshot: SnapshotTaken) -> str:
    match block:
        case "GATE_EXIT_ONLY":
            return "백테스트 기준 미달로 매수 제외, 청산만 가능"
        case "HAZARD_FLASH_CRASH":
            crash = snapshot.safety.flash_crash
            return f"급락 진행 중이라 매수 제외 (하락 {100 * crash.fall:.1f} %, 평소 변동의 {crash.sigma:.1f}배)"
        case "HAZARD_MARKET_RISK":
            risk = snapshot.safety.market_risk
            hour, day = 100 * risk.btc_change_1h, 100 * risk.btc_change_24h
            return f"시장 위험이 높아 매수 제외 (비트코인 1시간 {hour:+.1f} %, 24시간 {day:+.1f} %)"
    return f"매수 제외 ({block})"
