"""What the catalogue holds of a code: its sentence in each language, and the figures it takes (pure).

A sentence names its figures: `{lost}`, `{spread:2}` with two decimals, `{change:+1}` with its sign; `{said}` is what
a model or the exchange said. In square brackets stands what is left out where a figure of it is missing; of
`[a|b|c]` all that have theirs are told, and of `[a|b||c]` c where none has.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from shared.reason import Figure, Reason, Unit
from shared.types import Language, plain

Value = Decimal | float | int | str
Values = Mapping[str, Value | None]

FIGURE = re.compile(r"\{(\w+)(?::(\+?)(\d*))?\}")
OPTIONAL = re.compile(r"\[([^\]]*)\]")


@dataclass(frozen=True, slots=True)
class Entry:
    """takes: the unit of each figure. may_be_prompted: whether the code may stand in a model's prompt."""

    code: str
    ko: str
    en: str
    takes: Mapping[str, Unit]
    may_be_prompted: bool

    def because(self, values: Values | None = None, *, said: str = "") -> Reason:
        """Keep the values as figures; one that is None is left out. Raises ValueError for any other than it takes."""
        given = {name: value for name, value in (values or {}).items() if value is not None}
        if not self.needs() <= given.keys() <= self.takes.keys():
            raise ValueError(f"{self.code} takes {sorted(self.takes)}, not {sorted(given)}")
        figures = (Figure(name=name, value=_exact(value), unit=self.takes[name]) for name, value in given.items())
        return Reason(self.code, tuple(figures), said)

    def around(self, name: str, inner: Reason, values: Values | None = None) -> Reason:
        """Keep another reason within this one: its code as a figure of that name, its figures and words as they are."""
        own = self.because({**(values or {}), name: inner.code})
        return Reason(self.code, own.figures + inner.figures, inner.said)

    def over(self, cause: str | Reason, values: Values | None = None) -> Reason:
        """The same over a cause that is a reason, or the words of others."""
        if isinstance(cause, str):
            return self.because(values, said=cause)
        return self.around("cause", cause, values)

    def sentence(self, language: Language) -> str:
        return self.ko if language == "ko" else self.en

    def needs(self) -> frozenset[str]:
        """The figures without which there is no Korean sentence."""
        return _needed(self.ko)


@cache
def _needed(sentence: str) -> frozenset[str]:
    return frozenset(name for name, _, _ in FIGURE.findall(OPTIONAL.sub("", sentence))) - {"said"}


def entry(code: str, ko: str, en: str, **takes: Unit) -> Entry:
    return Entry(code, ko, en, takes, may_be_prompted=True)


def unprompted(code: str, ko: str, en: str, **takes: Unit) -> Entry:
    """Of a code that a model is not to read: it says nothing of the market, or comes from outside."""
    return Entry(code, ko, en, takes, may_be_prompted=False)


def _exact(value: Value) -> str:
    return value if isinstance(value, str) else plain(Decimal(str(value)))
