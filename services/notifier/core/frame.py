"""The frame of a message (pure)."""

from services.notifier.core.words import WORDS
from shared.types import Language, UtcTime
from shared.writing import seoul_second

BAR = "━" * 20


def framed(title: str, lines: list[str], at: UtcTime, language: Language) -> str:
    return "\n".join([title, BAR, *lines, BAR, f"{WORDS[language].at}: {seoul_second(at, language)}"])
