"""A recipe of docs/changing.md as files: what is added, and what is put in the place of what stands there now."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
_TEMPLATES = Path(__file__).parent / "templates"
_OF_TOOLS = {"__pycache__", ".mypy_cache", ".ruff_cache", ".import_linter_cache", ".pytest_cache"}
_LEFT_BEHIND = shutil.ignore_patterns(".git", ".venv*", "__pycache__", ".hypothesis", ".upcycle", ".pytest_cache")


@dataclass(frozen=True)
class Recipe:
    """What a person does, what is written for him, and what shows that it works.

    most: files that he may have to touch. edits: by file, each a text that stands there once and its heir.
    writes: the golden tests that write anew. made: the files that these and `python -m infra` change.
    proof: tests that pass then.
    """

    name: str
    most: int
    edits: Mapping[str, tuple[tuple[str, str], ...]]
    writes: tuple[str, ...] = ()
    made: frozenset[str] = frozenset()
    proof: tuple[str, ...] = ()

    @property
    def added(self) -> dict[str, Path]:
        """Each file that is new, and its template."""
        folder = _TEMPLATES / self.name
        return {
            str(file.relative_to(folder)): file
            for file in sorted(folder.rglob("*"))
            if file.is_file() and "__pycache__" not in file.parts
        }

    @property
    def by_hand(self) -> set[str]:
        return {*self.edits, *self.added}

    def edited(self, root: Path) -> dict[str, str]:
        """Each edited file as it is to be. Raises ValueError where the house has moved on."""
        texts = {}
        for name, changes in self.edits.items():
            text = (root / name).read_text(encoding="utf-8")
            for old, new in changes:
                if text.count(old) != 1:
                    raise ValueError(f"recipe {self.name}: {name} holds {text.count(old)} times, not once: {old!r}")
                text = text.replace(old, new)
            texts[name] = text
        return texts

    def follow(self, root: Path) -> None:
        for name, text in self.edited(root).items():
            (root / name).write_text(text, encoding="utf-8")
        for name, template in self.added.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(template, root / name)


def copy_of_the_tree(place: Path) -> Path:
    """The house as it stands here, with what mypy remembers of it."""
    shutil.copytree(ROOT, place, ignore=_LEFT_BEHIND)
    return place


def state(root: Path) -> dict[str, bytes]:
    """Every file that belongs to the project."""
    files = {path.relative_to(root): path for path in root.rglob("*") if path.is_file()}
    return {str(name): path.read_bytes() for name, path in files.items() if not {*name.parts} & _OF_TOOLS}


def changed(before: Mapping[str, bytes], after: Mapping[str, bytes]) -> set[str]:
    return {name for name in {*before, *after} if before.get(name) != after.get(name)}
