"""A reason as the books keep it, and the sentence made of it when somebody reads (pure)."""

from typing import Protocol

from shared.catalogue import sentence
from shared.reason import FIGURES, Figure, Reason, Reasoned
from shared.types import Language

_CODE_MAX = 64  # as wide as its column


class ReasonRow(Protocol):
    """The columns of a reason; of an older event `reason` alone tells."""

    reason: str | None
    reason_code: str | None
    figures: str | None
    said: str | None


def storable(text: str) -> str:
    """What every database takes: an exchange or a crash may have written it, and PostgreSQL refuses a NUL.

    What a column refuses would hold up the books for ever.
    """
    return text.replace("\x00", "\N{REPLACEMENT CHARACTER}")


def code_of(code: str) -> str:
    return storable(code)[:_CODE_MAX]


def figures_of(figures: tuple[Figure, ...]) -> str:
    """JSON, which holds any sign of a text."""
    return FIGURES.dump_json(figures).decode()


def columns_of(event: Reasoned) -> dict[str, str | None]:
    return {
        "reason": storable(event.reason) or None,
        "reason_code": code_of(event.reason_code) or None,
        "figures": figures_of(event.figures) if event.figures else None,
        "said": storable(event.said) or None,
    }


def reason_text(row: ReasonRow, language: Language) -> str | None:
    """None where nothing gives a reason yet."""
    if row.reason is None and row.reason_code is None:
        return None
    figures = FIGURES.validate_json(row.figures) if row.figures else ()
    return sentence(Reason(row.reason_code or "", figures, row.said or "", row.reason or ""), language)
