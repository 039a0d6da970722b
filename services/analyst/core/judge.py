"""From the model's answer to an opinion: read strictly, checked against the facts, and else a hold (pure).

Each way an answer can be unfit has its own code. Nothing here raises, and nothing guesses.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from pydantic import ValidationError

from services.analyst.core.answer import Answer, clean
from shared.events import Choice, Confidence, Evidence
from shared.prompt.advice import Advice, is_true
from shared.prompt.evidence import EvidenceName

REASON_MAX = 500
ANSWERED = "LLM_ANSWERED"


@dataclass(frozen=True, slots=True)
class Judgement:
    """code: ANSWERED, or why the answer is a hold. said: the model's reason, or what came instead."""

    decision: Choice
    confidence: Confidence | None
    said: str
    code: str
    evidence: tuple[Evidence, ...] = ()


def judge(answer: Answer, facts: Mapping[EvidenceName, float]) -> Judgement:
    """facts: what the prompt showed, by name."""
    if code := answer.code or _unfinished(answer):
        return hold(code, answer.detail or (answer.text if code == "LLM_REFUSED" else ""))
    try:
        advice = Advice.model_validate_json(_checked(answer.text))
    except ValidationError as e:
        return hold(*_off_schema(e.errors()))
    except (ValueError, RecursionError):
        return hold("LLM_PROSE" if "{" in answer.text and "}" in answer.text else "LLM_NOT_JSON")
    cited = tuple(Evidence(name=item.name.value, value=item.value) for item in advice.evidence)
    if advice.decision != "hold" and not cited:
        return hold("LLM_NO_EVIDENCE")
    if wrong := [item for item in cited if not is_true(item, facts)]:
        wrongly = ", ".join(f"{item.name} {item.value:.10g}" for item in wrong[:3])
        return Judgement("hold", None, wrongly, "LLM_EVIDENCE_WRONG", cited)
    return Judgement(advice.decision, advice.confidence, short_line(advice.reason), ANSWERED, cited)


def hold(code: str, detail: str = "") -> Judgement:
    return Judgement("hold", None, short_line(detail), code)


def short_line(text: str) -> str:
    """One line for a phone: no control letters, no end of it far away."""
    line = " ".join("".join(c if c.isprintable() else " " for c in clean(text)).split())
    return line if len(line) <= REASON_MAX else line[: REASON_MAX - 1] + "…"


def _unfinished(answer: Answer) -> str | None:
    match answer.finish:
        case "refusal":
            return "LLM_REFUSED"
        case "length":
            return "LLM_CUT"
        case "content_filter":
            return "LLM_FILTERED"
        case "stop":
            return None if answer.text.strip() else "LLM_EMPTY"
    return "LLM_NOT_AN_ANSWER" if answer.text.strip() else "LLM_EMPTY"


def _checked(text: str) -> str:
    """The same text, if it is one JSON value without a name that stands twice. Raises ValueError, RecursionError."""
    json.loads(text, object_pairs_hook=_each_once, parse_constant=_no_number)
    return text


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name stands twice")
    return found


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is no number")


def _off_schema(faults: Iterable[Any]) -> tuple[str, str]:
    """The code of the first fault that has one, decision before confidence, and where it is."""
    found: dict[str, str] = {}
    for fault in faults:
        where = ".".join(map(str, fault["loc"]))[:100]
        found.setdefault(_code(fault["type"], fault["loc"]), where)
    return next((code, found[code]) for code in _BY_WEIGHT if code in found)


_BY_WEIGHT = (
    "LLM_BAD_DECISION", "LLM_NO_CONFIDENCE", "LLM_BAD_CONFIDENCE", "LLM_BAD_EVIDENCE", "LLM_EXTRA_FIELDS",
    "LLM_OFF_SCHEMA",
)  # fmt: skip


def _code(kind: str, where: tuple[int | str, ...]) -> str:
    if kind == "extra_forbidden":
        return "LLM_EXTRA_FIELDS"
    match where:
        case ("decision",) if kind != "missing":
            return "LLM_BAD_DECISION"
        case ("confidence",):
            return "LLM_NO_CONFIDENCE" if kind == "missing" else "LLM_BAD_CONFIDENCE"
        case ("evidence", *_) if kind != "missing":
            return "LLM_BAD_EVIDENCE"
    return "LLM_OFF_SCHEMA"
