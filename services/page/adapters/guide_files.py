"""The guides: in the repository's docs, or beside the packages where they were installed from a wheel."""

from pathlib import Path

from services.page.core.guide import GUIDES, file_of
from shared.types import Language

_HOME = Path(__file__).parents[3]
FOLDERS = (_HOME / "docs", _HOME / "upcycle-docs")


class GuideFiles:
    def read(self, name: str, language: Language) -> str | None:
        """None of a guide that is not there."""
        if name not in GUIDES:
            return None
        files = (folder / file_of(name, language) for folder in FOLDERS)
        return next((file.read_text(encoding="utf-8") for file in files if file.is_file()), None)
