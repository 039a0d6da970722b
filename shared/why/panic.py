"""What a panic has to say, as a person reads it (pure)."""

from shared.catalogue import sentence
from shared.events import PanicNote
from shared.types import Language


def line(note: PanicNote, language: Language) -> str:
    """Of a market or a cycle, which it names first; or of all."""
    said = sentence(note, language)
    return f"{note.about}: {said}" if note.about else said
