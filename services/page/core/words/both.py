"""A text in both languages (pure)."""

from typing import NamedTuple


class Both(NamedTuple):
    ko: str
    en: str
