"""One line of the doctor's report."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from shared.settings import Settings

State = Literal["ok", "warn", "fail", "skip"]


@dataclass(frozen=True)
class Row:
    """todo: what to do about it; empty where there is nothing to do."""

    name: str
    state: State
    found: str
    todo: str = ""


Check = Callable[[Settings], Awaitable[Sequence[Row]]]
