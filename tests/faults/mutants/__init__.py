"""Bugs to plant, a file a theme: what is wrong, the tests that can find it, and what stands there instead of what."""

from typing import NamedTuple


class Change(NamedTuple):
    """A piece of a file that stands there once, and what takes its place."""

    file: str
    old: str
    new: str


class Mutant(NamedTuple):
    """found_by: the test files that can find it, and no others, so that a run is short."""

    what: str
    found_by: tuple[str, ...]
    changes: tuple[Change, ...]


def mutant(what: str, found_by: str, *changes: tuple[str, str, str]) -> Mutant:
    return Mutant(what, tuple(found_by.split()), tuple(Change(*change) for change in changes))
