"""What a run says, demands and waits for."""

from collections.abc import Callable
from time import monotonic, sleep
from typing import Any


class Failed(AssertionError):
    """What was promised is not so; the text is for a person."""


def said(text: str) -> None:
    print(f"{monotonic() - _BEGAN:6.0f} s  {text}", flush=True)


_BEGAN = monotonic()


def must(condition: object, otherwise: str) -> None:
    if not condition:
        raise Failed(otherwise)


def until(ask: Callable[[], Any], *, within_s: float, what: str) -> Any:
    """Ask until the answer is true, and return it. An answer that cannot be had yet is asked for again."""
    deadline, fault = monotonic() + within_s, ""
    while monotonic() < deadline:
        try:
            if answer := ask():
                return answer
        except (OSError, ValueError, KeyError, Failed) as e:
            fault = f" ({type(e).__name__}: {e})"
        sleep(0.5)
    raise Failed(f"not within {within_s:.0f} s: {what}{fault}")
