"""What a model relied on, each number with the analyst's verdict on it (pure)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from shared.events import DecisionMade
from shared.writing import significant

WRONG = "LLM_EVIDENCE_WRONG"
_NAMED = 3  # wrong ones that a decision names


@dataclass(frozen=True, slots=True)
class Cited:
    """shown: what the prompt had said of it, where the prompt is at hand."""

    name: str
    value: str
    verdict: Literal["right", "wrong", "unsaid"]
    shown: str | None


def cited(decision: DecisionMade, prompt: str | None = None) -> Sequence[Cited]:
    """The log names the first wrong ones; whether there were more behind the third nobody wrote down."""
    call = decision.call
    if call is None:
        return []
    wrong: set[str] = set()
    if call.code == WRONG:
        told = (decision.said or decision.reason.rpartition(": ")[2]).split(", ")
        wrong = {f"{fact.name} {fact.value:.10g}" for fact in call.evidence} & set(told)
    found = []
    for fact in call.evidence:
        named = f"{fact.name} {fact.value:.10g}" in wrong
        verdict: Literal["right", "wrong", "unsaid"] = (
            "wrong" if named else "unsaid" if len(wrong) >= _NAMED or (call.code == WRONG and not wrong) else "right"
        )
        found.append(Cited(fact.name, significant(fact.value, 10), verdict, _shown(fact.name, prompt)))
    return found


def _shown(name: str, prompt: str | None) -> str | None:
    line = re.search(rf"^{re.escape(name)} = (.+)$", prompt or "", re.M)
    return line[1] if line else None
