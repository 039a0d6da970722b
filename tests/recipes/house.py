"""A copy of the tree, in which a recipe is followed with the tools that a person has."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.recipes.recipe import Recipe, changed, copy_of_the_tree, state

LINT = (
    ("ruff", "check", "."),
    ("ruff", "format", "--check", "."),
    ("mypy", "shared", "services", "infra", "benchmarks"),
)


@dataclass
class House:
    root: Path

    @classmethod
    def with_recipe(cls, recipe: Recipe, place: Path) -> "House":
        """Follow a recipe and its commands; what is touched by hand and what is made is just what it says."""
        house = cls(copy_of_the_tree(place))
        before = state(house.root)
        recipe.follow(house.root)
        by_hand = state(house.root)
        assert changed(before, by_hand) == recipe.by_hand
        assert len(recipe.by_hand) <= recipe.most
        house.run("-m", "infra")
        if recipe.writes:
            house.pytest(*recipe.writes, UPCYCLE_GOLDEN="1")
        assert changed(by_hand, state(house.root)) - recipe.by_hand == recipe.made  # a page may be both
        return house

    def run(self, *words: str, code: int = 0, **env: str) -> str:
        """What Python says in the copy. code: with which it is to end."""
        inherited = os.environ | {"PYTHONPATH": str(self.root), "PYTHONDONTWRITEBYTECODE": "1"} | env
        ran = subprocess.run(
            [sys.executable, *words], cwd=self.root, env=inherited, capture_output=True, text=True, check=False
        )
        assert ran.returncode == code, (
            f"{words} ended with {ran.returncode}\n{ran.stdout[-4000:]}\n{ran.stderr[-4000:]}"
        )
        return ran.stdout + ran.stderr

    def pytest(self, *words: str, **env: str) -> str:
        return self.run("-m", "pytest", "-q", "-n", "0", "-p", "no:cacheprovider", *words, **env)

    def lint(self) -> None:
        for tool, *words in LINT:
            self.run("-m", tool, *words)
        self.run("-c", "from importlinter.cli import lint_imports_command; lint_imports_command()")
