"""`why`'s text as parts with titles (pure)."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Section:
    title: str
    lines: Sequence[str]


def sections(why: str) -> Sequence[Section]:
    """Each part begins behind an empty line with its title; its lines are indented by two."""
    found: list[tuple[str, list[str]]] = []
    for line in why.splitlines()[1:]:
        if line.startswith("  ") and found:
            found[-1][1].append(line.strip())
        elif line and not line.startswith("  "):
            found.append((line, []))
    return [Section(title, lines) for title, lines in found if lines]
