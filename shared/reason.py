"""Why something was or was not done, as the log keeps it: a code, the figures that decided, the words of others (pure).

`shared/catalogue` makes a sentence of it when somebody reads.
"""

import re
from dataclasses import dataclass
from typing import Any, Literal, Protocol, Self

from pydantic import BaseModel, ConfigDict, TypeAdapter, model_validator

Unit = Literal["won", "price", "share", "number", "seconds", "minutes", "count", "text", "code"]

_NUMBER = re.compile(r"-?[0-9]{1,400}(?:\.[0-9]{1,400})?")


class Figure(BaseModel):
    """value: exact, as text. A share of 0.01 is 1 %; a code is one of the catalogue's."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    name: str
    value: str
    unit: Unit

    @model_validator(mode="after")
    def _is_a_number(self) -> Self:
        """A sentence is made of it long after, where nobody could mend it."""
        if self.unit not in ("text", "code") and not _NUMBER.fullmatch(self.value):
            raise ValueError(f"{self.name} is no number of {self.unit}: {self.value[:40]!r}")
        return self


FIGURES = TypeAdapter(tuple[Figure, ...])  # as JSON, where a table keeps them


@dataclass(frozen=True, slots=True)
class Reason:
    """said: the words of a model, of the exchange or of a fault, as they came.

    text: of an older event, which kept a sentence and no figures.
    """

    code: str
    figures: tuple[Figure, ...] = ()
    said: str = ""
    text: str = ""

    def fields(self) -> dict[str, Any]:
        """As an event keeps it."""
        return {"reason": self.text, "reason_code": self.code, "figures": self.figures, "said": self.said}


class Reasoned(Protocol):
    """An event that keeps a reason."""

    @property
    def reason(self) -> str: ...

    @property
    def reason_code(self) -> str: ...

    @property
    def figures(self) -> tuple[Figure, ...]: ...

    @property
    def said(self) -> str: ...


def reason_of(event: Reasoned) -> Reason:
    return Reason(event.reason_code, event.figures, event.said, event.reason)
