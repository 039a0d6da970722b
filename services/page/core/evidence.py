"""What a model relied on, each number with the analyst's verdict on it (pure)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from shared.api.prompt import SentPrompt
from shared.events import DecisionMade, ModelCall
from shared.writing import significant

WRONG = "LLM_EVIDENCE_WRONG"
Verdict = Literal["right", "wrong", "unsaid"]
_NAMED = 3  # wrong ones that a decision names


@dataclass(frozen=True, slots=True)
class Cited:
    """shown: what the prompt had said of it; None where it said nothing, or is not at hand."""

    name: str
    value: str
    verdict: Verdict
    shown: str | None = None


def cited(decision: DecisionMade, prompt: SentPrompt | None) -> Sequence[Cited]:
    """By the prompt that was sent, where it is at hand; else by what the log says of it."""
    if prompt is None or prompt.evidence is None:
        return _by_log(decision.call, decision) if decision.call else []
    return [
        Cited(
            fact.name,
            _written(fact.value),
            "right" if fact.right else "wrong",
            None if fact.shown is None else _written(fact.shown),
        )
        for fact in prompt.evidence
    ]


def _by_log(call: ModelCall, decision: DecisionMade) -> list[Cited]:
    """The log names the first wrong ones; whether there were more behind the third nobody wrote down."""
    wrong: set[str] = set()
    if call.code == WRONG:
        told = (decision.said or decision.reason.rpartition(": ")[2]).split(", ")
        wrong = {f"{fact.name} {fact.value:.10g}" for fact in call.evidence} & set(told)
    others: Verdict = "unsaid" if len(wrong) >= _NAMED or (call.code == WRONG and not wrong) else "right"
    return [
        Cited(fact.name, _written(fact.value), "wrong" if f"{fact.name} {fact.value:.10g}" in wrong else others)
        for fact in call.evidence
    ]


def _written(value: float) -> str:
    return significant(value, 10)
