"""What came back from the model, as plain values, whichever of OpenAI's two APIs was asked (pure)."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeGuard

from shared.prompt.request import Api

TEXT_MAX = 20_000  # letters of an answer that are kept; a good one has a few hundred
_TOKENS_MAX = 10_000_000  # of a usage that can be believed


@dataclass(frozen=True, slots=True)
class Usage:
    tokens_in: int
    tokens_out: int
    tokens_cached: int  # part of tokens_in


@dataclass(frozen=True, slots=True)
class Answer:
    """The model's words, or the code of why there are none."""

    code: str | None = None  # LLM_TIMEOUT …; None: there is an answer to read
    detail: str = ""  # of the code, for a person: HTTP 500
    finish: str = ""  # stop, length, content_filter, refusal, or whatever else the server said
    text: str = ""  # as it came; of a refusal its words
    served_by: str = ""  # the model's own name of its version
    usage: Usage | None = None  # None: the server did not say, and the worst is counted
    billed: bool = True  # False: surely nothing was spent


def read(api: Api, body: Any) -> Answer:
    """Read the JSON body of an answer of status 200; what has not that shape is LLM_NOT_AN_ANSWER."""
    if not isinstance(body, dict):
        return Answer("LLM_NOT_AN_ANSWER", "no JSON object")
    finish, text = _of_chat(body) if api == "chat" else _of_responses(body)
    usage = _usage(body.get("usage"))
    if finish is None:
        return Answer("LLM_NOT_AN_ANSWER", "an object of another shape", usage=usage)
    # A reply longer than that is cut, and so refused: what is kept is exactly what was judged.
    whole = "length" if len(text) > TEXT_MAX else _name(finish.lower())  # STOP, as some write it
    return Answer(None, "", whole, clean(text)[:TEXT_MAX], _name(body.get("model")), usage)


def clean(text: str) -> str:
    """Leave out what can be stored nowhere: NUL and halves of letters."""
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace").decode()


def _name(value: Any) -> str:
    """A name in the server's own words, as it can be shown anywhere."""
    return re.sub(r"[^\w.:/-]", "?", value[:80], flags=re.ASCII) if isinstance(value, str) else ""


def _of_chat(body: Mapping[str, Any]) -> tuple[str | None, str]:
    match body:
        case {"choices": [{"message": {"refusal": str(refusal)}}, *_]} if refusal:
            return "refusal", refusal
        case {"choices": [{"message": {"content": str(text)}, "finish_reason": str(finish)}, *_]}:
            return finish, text
        case {"choices": [{"message": {"content": list(parts)}, "finish_reason": str(finish)}, *_]}:
            return finish, "".join(text for part in parts for text in _text_of(part))
        case {"choices": [{"message": dict(), "finish_reason": str(finish)}, *_]}:
            return finish, ""
    return None, ""


def _text_of(part: Any) -> Iterator[str]:
    match part:
        case {"type": "text", "text": str(text)}:
            yield text


def _of_responses(body: Mapping[str, Any]) -> tuple[str | None, str]:
    match body:
        case {"status": "completed"}:
            finish = "stop"
        case {"status": "incomplete", "incomplete_details": {"reason": str(reason)}}:
            finish = "length" if reason == "max_output_tokens" else reason
        case {"status": str(status)}:
            finish = status
        case _:
            return None, ""
    parts = list(_parts(body.get("output")))
    if refusal := "".join(words for kind, words in parts if kind == "refusal"):
        return "refusal", refusal
    return finish, "".join(words for kind, words in parts if kind == "output_text")


def _parts(output: Any) -> Iterator[tuple[str, str]]:
    """Kind and words of each part of each message; a model that reasons puts other things between them."""
    for item in output if isinstance(output, list) else ():
        match item:
            case {"type": "message", "content": list(parts)}:
                for part in parts:
                    match part:
                        case {"type": "output_text", "text": str(words)}:
                            yield "output_text", words
                        case {"type": "refusal", "refusal": str(words)}:
                            yield "refusal", words


def _usage(value: Any) -> Usage | None:
    if not isinstance(value, dict):
        return None
    tokens_in = value.get("prompt_tokens", value.get("input_tokens"))
    tokens_out = value.get("completion_tokens", value.get("output_tokens"))
    details = value.get("prompt_tokens_details", value.get("input_tokens_details"))
    cached = details.get("cached_tokens") if isinstance(details, dict) else 0
    if not (_is_count(tokens_in) and _is_count(tokens_out)):
        return None
    return Usage(tokens_in, tokens_out, min(cached, tokens_in) if _is_count(cached) else 0)


def _is_count(value: Any) -> TypeGuard[int]:
    return type(value) is int and 0 <= value <= _TOKENS_MAX
