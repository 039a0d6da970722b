"""From an opinion to the decision that may be acted on: buying excluded, nothing to sell (pure)."""

from dataclasses import dataclass, replace
from typing import Literal

from services.analyst.core.judge import ANSWERED, Judgement
from shared.catalogue import ENTRIES, Values, analyst
from shared.events import Choice, Confidence, DecisionMade, LostCalls, ModelCall, SnapshotTaken, Vote
from shared.prompt.choices import holds
from shared.reason import Reason


@dataclass(frozen=True, slots=True)
class Opinion:
    """What an analyst would do, whatever is held or forbidden."""

    decision: Choice
    confidence: Confidence | None
    why: Reason
    analyst: Literal["rules", "model"]
    votes: tuple[Vote, ...] = ()
    call: ModelCall | None = None
    fallback: Literal["LLM_BUDGET"] | None = None
    lost: LostCalls | None = None


def model_opinion(judged: Judgement, call: ModelCall | None = None, lost: LostCalls | None = None) -> Opinion:
    """call: None if it was not asked at all. lost: asked before, in vain."""
    code = f"LLM_{judged.decision.upper()}" if judged.code == ANSWERED else judged.code
    return Opinion(judged.decision, judged.confidence, Reason(code, said=judged.said), "model", call=call, lost=lost)


def rules_fallback(rules: Opinion, lost: LostCalls | None) -> Opinion:
    """What the rules say because the model's money is spent."""
    why = replace(rules.why, code=f"LLM_BUDGET_{rules.why.code}")
    return replace(rules, why=why, fallback="LLM_BUDGET", lost=lost)


def hold_without_asking(snapshot: SnapshotTaken, block: str) -> DecisionMade:
    """Hold without asking anyone: nothing may be bought and nothing is held."""
    return decide(snapshot, Opinion("hold", None, _blocked(block, snapshot), "rules"), block)


def decide(snapshot: SnapshotTaken, opinion: Opinion, block: str | None) -> DecisionMade:
    """Turn a wish that cannot be into a hold which says what it was."""
    decision, why = opinion.decision, opinion.why
    if decision == "buy" and block is not None:
        decision, why = "hold", _blocked(block, snapshot, why)
    elif decision == "sell" and not holds(snapshot):
        nothing = analyst.LLM_NOTHING_TO_SELL if opinion.analyst == "model" else analyst.RULES_NOTHING_TO_SELL
        decision, why = "hold", nothing.around("wish", why)
    return DecisionMade(
        cycle=snapshot.cycle,
        decision=decision,
        confidence=opinion.confidence,
        **why.fields(),
        analyst=opinion.analyst,
        votes=opinion.votes,
        buy_blocked_by=block,
        price=snapshot.price,
        call=opinion.call,
        fallback=opinion.fallback,
        lost=opinion.lost,
    )


def _blocked(block: str, snapshot: SnapshotTaken, wish: Reason | None = None) -> Reason:
    entry, figures = ENTRIES[block], _figures(block, snapshot)
    return entry.because(figures) if wish is None else entry.around("wish", wish, figures)


def _figures(block: str, snapshot: SnapshotTaken) -> Values:
    """What made a hazard of it."""
    match block:
        case "HAZARD_FLASH_CRASH":
            crash = snapshot.safety.flash_crash
            return {"fall": crash.fall, "sigma": crash.sigma}
        case "HAZARD_MARKET_RISK":
            risk = snapshot.safety.market_risk
            return {"hour": risk.btc_change_1h, "day": risk.btc_change_24h}
    return {}
