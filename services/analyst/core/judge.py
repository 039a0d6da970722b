"""From the model's answer to an opinion: read strictly, checked against the facts, and else a hold (pure).

Each way an answer can be unfit has its own code. Nothing here raises, and nothing guesses.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from pydantic import BaseModel, ConfigDict, ValidationError

from services.analyst.core.answer import Answer, clean
from services.analyst.core.evidence import EvidenceName
from shared.events import Choice, Confidence, Evidence

TOLERANCE = 0.01  # of the fact; a value further off contradicts what was shown
REASON_MAX = 500
ANSWERED = "LLM_ANSWERED"
SAYS = {
    "LLM_REFUSED": "모델이 답변을 거부",
    "LLM_CUT": "답변이 중간에 잘림",
    "LLM_FILTERED": "답변이 내용 필터에 걸림",
    "LLM_EMPTY": "빈 답변",
    "LLM_PROSE": "JSON 앞뒤에 다른 글이 있음",
    "LLM_NOT_JSON": "답변이 JSON이 아님",
    "LLM_BAD_DECISION": "매수·매도·관망이 아닌 판단",
    "LLM_NO_CONFIDENCE": "확신도가 없음",
    "LLM_BAD_CONFIDENCE": "높음·보통·낮음이 아닌 확신도",
    "LLM_EXTRA_FIELDS": "형식에 없는 항목이 있음",
    "LLM_BAD_EVIDENCE": "읽을 수 없는 근거 수치",
    "LLM_OFF_SCHEMA": "답변이 형식에 맞지 않음",
    "LLM_NO_EVIDENCE": "근거 수치 없이 매매 판단",
    "LLM_EVIDENCE_WRONG": "근거 수치가 실제와 다름",
    "LLM_TIMEOUT": "모델이 제시간에 답하지 않음",
    "LLM_KEY_REFUSED": "OpenAI 키가 거부됨",
    "LLM_QUOTA": "OpenAI 사용 한도 소진",
    "LLM_BUSY": "모델 서버가 혼잡",
    "LLM_SERVER_ERROR": "모델 서버 오류",
    "LLM_REQUEST_REFUSED": "모델 서버가 요청을 거부",
    "LLM_UNREACHABLE": "모델 서버에 연결할 수 없음",
    "LLM_BROKEN_OFF": "답변 도중 연결이 끊김",
    "LLM_TOO_LONG": "답변이 너무 김",
    "LLM_NOT_AN_ANSWER": "모델 서버의 답이 아님",
    "LLM_ASKED_TWICE": "두 번 물었으나 답이 저장되지 않음, 다시 묻지 않음",
}


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


@dataclass(frozen=True, slots=True)
class Judgement:
    """code: ANSWERED, or why the answer is a hold."""

    decision: Choice
    confidence: Confidence | None
    reason: str
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
    if wrong := [item for item in cited if not _true(item, facts)]:
        wrongly = ", ".join(f"{item.name} {item.value:.10g}" for item in wrong[:3])
        return Judgement("hold", None, f"{SAYS['LLM_EVIDENCE_WRONG']}: {wrongly}", "LLM_EVIDENCE_WRONG", cited)
    return Judgement(advice.decision, advice.confidence, shown(advice.reason), ANSWERED, cited)


def hold(code: str, detail: str = "") -> Judgement:
    said = f"{SAYS[code]}: {shown(detail)}" if detail else SAYS[code]
    return Judgement("hold", None, said, code)


def shown(text: str) -> str:
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


def _true(item: Evidence, facts: Mapping[EvidenceName, float]) -> bool:
    fact = facts.get(EvidenceName(item.name))
    return fact is not None and abs(item.value - fact) <= TOLERANCE * abs(fact) + 1e-12
