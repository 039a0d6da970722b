"""What an exchange's no means: its name in the answer, and the code of ours (pure)."""

from dataclasses import dataclass
from typing import Any, TypeVar

from shared.catalogue import exchange
from shared.errors import Permanent
from shared.parsing import tidy
from shared.reason import Reason

_Fault = TypeVar("_Fault", bound=Permanent)


@dataclass(frozen=True, slots=True)
class Refusal:
    """The exchange's own name of an error, and its words."""

    code: str
    reason: str


def upbit_error(body: Any, status: int) -> Refusal | None:
    """The name and the words of an error in Upbit's own form; None of any other server's page, such as a gateway's.

    body: parsed, or whatever came. On quotes the name is the status as a number, on private calls a word.
    """
    error = body.get("error") if isinstance(body, dict) else None
    name = error.get("name") if isinstance(error, dict) else None
    if isinstance(error, dict) and str(name) == str(status):
        return Refusal(str(status), tidy(error.get("message") or status))
    known = tidy(name, longest=60) if isinstance(name, str) else ""
    if isinstance(error, dict) and known and not known.isdigit():
        return Refusal(known, tidy(error.get("message") or known))
    return None


def reason_of_refusal(name: str, message: str) -> Reason:
    """name, message: the exchange's own; a name we do not know is its own code."""
    known = exchange.BY_NAME.get(name.lower())
    return Reason(known.code if known else name.upper(), said=message)


def with_code(fault: _Fault, name: str) -> _Fault:
    """Give a fault the code of the exchange's no, if we know that name."""
    if known := exchange.BY_NAME.get(name.lower()):
        fault.code = known.code
    return fault
