"""What the model may answer, and whether a number that it cites is the one it was shown (pure)."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict

from shared.events import Choice, Confidence, Evidence
from shared.prompt.evidence import EvidenceName

TOLERANCE = 0.01  # of the fact; a value further off contradicts what was shown


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)


class Cited(_Strict):
    name: EvidenceName
    value: float


class Advice(_Strict):
    """What the model is asked for; its JSON schema is sent along."""

    decision: Choice
    confidence: Confidence
    reason: str
    evidence: list[Cited]


SCHEMA: dict[str, Any] = Advice.model_json_schema()


def is_true(cited: Evidence, facts: Mapping[EvidenceName, float]) -> bool:
    """facts: what the prompt showed, by name."""
    fact = shown(cited.name, facts)
    return fact is not None and abs(cited.value - fact) <= TOLERANCE * abs(fact) + 1e-12


def shown(name: str, facts: Mapping[EvidenceName, float]) -> float | None:
    """What the prompt showed under a name; None where it showed nothing, or only another version knows the name."""
    try:
        return facts.get(EvidenceName(name))
    except ValueError:
        return None
