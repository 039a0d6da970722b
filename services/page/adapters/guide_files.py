"""The guides as they lie in the repository, which is also where the page runs."""

from pathlib import Path

from services.page.core.guide import GUIDES, file_of
from shared.types import Language

FOLDER = Path(__file__).parents[3] / "docs"


class GuideFiles:
    def read(self, name: str, language: Language) -> str | None:
        """None of a guide that is not there."""
        file = FOLDER / file_of(name, language)
        return file.read_text(encoding="utf-8") if name in GUIDES and file.is_file() else None
