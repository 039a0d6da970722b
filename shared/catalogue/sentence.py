"""A reason as a person reads it, made of its code and figures when he does (pure)."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from re import Match

from shared.catalogue.entries import ENTRIES
from shared.catalogue.entry import FIGURE, OPTIONAL
from shared.reason import Figure, Reason, Reasoned, reason_of
from shared.types import Language
from shared.writing import exact_won, percent, quoted_won, share, whole


def sentence(told: Reason | Reasoned, language: Language) -> str:
    """Say it in a language.

    An older event has its own Korean text instead of figures: that is told in Korean, and in English what can be said
    without them. A code that nobody knows is told by what was said, or else by its name.
    """
    reason = told if isinstance(told, Reason) else reason_of(told)
    if reason.text and language == "ko":
        return reason.text
    entry = ENTRIES.get(reason.code)
    known = {figure.name: figure for figure in reason.figures}
    said = _whole(entry.sentence(language), reason, known, language) if entry else None
    return said or reason.text or reason.said or reason.code


class _Missing(Exception):
    """A figure that the sentence needs."""


def _whole(template: str, reason: Reason, known: Mapping[str, Figure], language: Language) -> str | None:
    def figure(match: Match[str]) -> str:
        name, sign, digits = match[1], match[2] or "", match[3] or ""
        if name == "said" and reason.said:
            return reason.said
        if name not in known:
            raise _Missing(name)
        if known[name].unit == "code":  # a reason within the reason: it takes of the same figures
            return sentence(replace(reason, code=known[name].value, figures=plain_ones), language)
        return _written(known[name], sign, digits, language)

    def filled(part: str) -> str | None:
        try:
            return FIGURE.sub(figure, part)
        except _Missing:
            return None

    def optional(part: str) -> str:
        listed, _, instead = part.partition("||")
        return ", ".join(said for each in listed.split("|") if (said := filled(each))) or filled(instead) or ""

    plain_ones = tuple(figure for figure in reason.figures if figure.unit != "code")
    told = [optional(part) if n % 2 else filled(part) for n, part in enumerate(OPTIONAL.split(template))]
    return None if None in told else "".join(map(str, told))


def _written(figure: Figure, sign: str, digits: str, language: Language) -> str:
    if figure.unit == "text":
        return figure.value
    value, signed = Decimal(figure.value), bool(sign)
    match figure.unit:
        case "won":
            return exact_won(value, language)
        case "price":
            return quoted_won(value, language)
        case "share":
            return percent(value, int(digits), signed=signed) if digits else share(value, signed=signed)
        case "number":
            return f"{value:{sign}.{digits or 0}f}"
    return whole(value)
