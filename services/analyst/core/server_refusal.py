"""What a model server's no means, whatever it is called there (pure)."""

from collections.abc import Iterable, Mapping
from typing import Any

from services.analyst.core.answer import Answer

_WORKED_ON_IT = (408, 504)  # somebody did, until then
_NO_MONEY = ("quota", "billing", "balance", "credit", "payment")  # insufficient_quota, billing_not_active …


def answer_of_refusal(status: int, names: Iterable[Any], *, is_api: bool) -> Answer:
    """names: the error's own, such as its code and type. is_api: the body is an API's, and no gateway's page."""
    given = [name for name in map(_name, names) if name]
    detail = f"HTTP {status} {given[0] if given else ''}".strip()
    if status in _WORKED_ON_IT:
        return Answer("LLM_TIMEOUT", detail)
    return Answer(_code(status, given, is_api), detail, billed=False)


def refusal_in(error: Mapping[str, Any]) -> tuple[int, tuple[Any, ...]]:
    """The status and the names of an error that came with status 200; 502 where it names no status."""
    code = error.get("code")
    status = code if type(code) is int and 400 <= code < 600 else 502
    return status, (code, error.get("type"))


def _code(status: int, names: list[str], is_api: bool) -> str:
    if status == 402 or any(word in name.lower() for name in names for word in _NO_MONEY):
        return "LLM_QUOTA"
    if status >= 500:
        return "LLM_SERVER_ERROR"
    if status == 429:
        return "LLM_BUSY"
    if status in (401, 403):
        return "LLM_KEY_REFUSED" if is_api else "LLM_NOT_AN_ANSWER"
    return "LLM_REQUEST_REFUSED"


def _name(given: Any) -> str:
    """The error's own name; never its message, which may repeat the key."""
    name = given if isinstance(given, str) else ""
    return name if len(name) <= 60 and name.replace("_", "").isalnum() else ""
