"""`why`'s text as parts with titles (pure)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from shared.types import Language
from shared.why.words import WORDS

PARTS = ("seen", "gate", "analyst", "exit", "order", "times", "trouble")


@dataclass(frozen=True, slots=True)
class Section:
    title: str
    lines: Sequence[str]


def sections(why: str, language: Language, *, without: str | None = None) -> Mapping[str, Section]:
    """By the names of PARTS. Each begins behind an empty line with its title; its lines are indented by two.

    without: the name of a line that the screen shows in another way.
    """
    left_out = WORDS[language][without].partition("{")[0] if without else None
    named = {WORDS[language][name]: name for name in PARTS}
    found: dict[str, list[str]] = {}
    title = ""
    for line in why.splitlines()[1:]:
        if left_out and line.strip().startswith(left_out):
            continue
        if line.startswith("  ") and title:
            found[title].append(line.strip())
        elif line and not line.startswith("  "):
            title = line
            found[title] = []
    return {named.get(title, title): Section(title, lines) for title, lines in found.items() if lines}
