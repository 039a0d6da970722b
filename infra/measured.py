"""The READMEs' table of what was measured: rows of measured.<language>.md, figures of benchmarks/latest.json.

A row names its figures in braces, {benchmark: figure}; {benchmark: +*} is each one that begins so. Its bars follow.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.figures import Figure, Found, Latest, number, read
from shared.writing import pct

_HERE = Path(__file__).parent
_NAMED = re.compile(r"\{(\w+): ([^{}]+)\}")


@dataclass(frozen=True)
class Words:
    rows: Path
    bar: str
    run: str
    no_run: str
    changes: str
    not_yet: str
    why_not: str
    missed: str


ENGLISH = Words(
    rows=_HERE / "measured.en.md",
    bar="bar",
    run="Measured {date} at commit `{commit}`{changes}, {cores} cores ({cpu}, {memory} GB, Python {python}): {names}.",
    no_run="Nothing is measured yet: `make bench` does it.",
    changes=" and changes that were not committed",
    not_yet="not measured yet",
    why_not="not measured: {why}",
    missed="**missed**, noise {noise}",
)
KOREAN = Words(
    rows=_HERE / "measured.ko.md",
    bar="기준",
    run="{date}, 커밋 `{commit}`{changes}, 코어 {cores}개({cpu}, {memory} GB, Python {python}): {names}.",
    no_run="아직 잰 것이 없습니다. `make bench`가 잽니다.",
    changes="과 커밋하지 않은 변경",
    not_yet="아직 재지 않음",
    why_not="재지 못함: {why}",
    missed="**미달**, 잡음 {noise}",
)
PAGES = {_HERE.parent / "README.md": ENGLISH, _HERE.parent / "README.ko.md": KOREAN}


def parts() -> dict[Path, dict[str, str]]:
    latest = read()
    return {page: {"measured": table(latest, words)} for page, words in PAGES.items()}


def table(latest: Latest, words: Words) -> str:
    """When and where each benchmark ran, and the rows, each with the bars of the figures in it."""
    head, rule, *rows = words.rows.read_text(encoding="utf-8").splitlines()
    made = [f"{head} {words.bar} |", f"{rule} --- |", *(_row(row, latest, words) for row in rows)]
    return "\n".join(["", *_runs(latest, words), "", *made, "", ""])


def _runs(latest: Latest, words: Words) -> list[str]:
    """A line for each day, commit and machine, and the benchmarks that ran then and there."""
    together: dict[tuple[str, ...], list[str]] = {}
    for name, run in latest.items():
        on, changes = run.machine, "" if run.is_clean else words.changes
        where = (f"{run.at:%Y-%m-%d}", run.commit, changes, str(on.cores), on.cpu, number(on.memory_gb), on.python)
        together.setdefault(where, []).append(name)
    fields = ("date", "commit", "changes", "cores", "cpu", "memory", "python")
    lines = [
        words.run.format(**dict(zip(fields, where, strict=True)), names=", ".join(names))
        for where, names in together.items()
    ]
    return lines or [words.no_run]


def _row(row: str, latest: Latest, words: Words) -> str:
    """Raises ValueError for a figure that its benchmark does not find, and for a row of none or of several."""
    (benchmark,) = {name for name, _ in _NAMED.findall(row)}
    what, measured = row.strip("| ").rsplit(" | ", 1)
    if benchmark not in latest:
        return f"| {what} | {words.not_yet} | |"
    found = latest[benchmark].found
    if found.why_not:
        return f"| {what} | {words.why_not.format(why=found.why_not)} | |"
    shown = _NAMED.sub(lambda hit: "; ".join(_told(hit[2], found)), measured)
    figures = [figure for _, name in _NAMED.findall(measured) for figure in _meant(name, found)]
    return f"| {what} | {shown} | {_bars(figures, found, words)} |"


def _meant(name: str, found: Found) -> list[Figure]:
    begin = name.removesuffix("*")
    meant = [f for f in found.figures if f.name == name or (name != begin and f.name.startswith(begin))]
    if not meant:
        raise ValueError(f"the READMEs' table: its benchmark finds no figure {name!r}")
    return meant


def _told(name: str, found: Found) -> Iterator[str]:
    for figure in _meant(name, found):
        yield number(figure.value) if figure.name == name else f"{figure.name.lstrip('+ ')} {number(figure.value)}"


def _bars(figures: list[Figure], found: Found, words: Words) -> str:
    """As ≤ 20 / 150, ≥ 10; and how noisy the machine was if one is missed."""
    text, side = "", ""
    for figure in figures:
        if figure.bar is not None:
            before, side = side, "≤" if figure.bar_is == "most" else "≥"
            text += (" / " if side == before else f"{', ' if text else ''}{side} ") + number(figure.bar)
    if any(figure.is_missed for figure in figures) and found.noise:
        text += f" {words.missed.format(noise=pct(found.noise.share, 0))}"
    return text
