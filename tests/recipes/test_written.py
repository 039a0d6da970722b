"""docs/changing.md names just the files that each recipe touches, and each recipe still finds its places."""

import re

import pytest

from tests.recipes.recipe import ROOT
from tests.recipes.smaller import COMMAND, FIELD, METRIC, RULE
from tests.recipes.stage import STAGE

RECIPES = {recipe.name: recipe for recipe in (STAGE, RULE, COMMAND, METRIC, FIELD)}
PAGES = {page: (ROOT / "docs" / page).read_text(encoding="utf-8") for page in ("changing.md", "changing.en.md")}


def section(page, name):
    """What a page says between a recipe's mark and the next."""
    return re.split(r"<!-- recipe (\w+) -->\n", PAGES[page])[1:][2 * marks(page).index(name) + 1]


def marks(page):
    return re.findall(r"<!-- recipe (\w+) -->", PAGES[page])


@pytest.mark.parametrize("page", PAGES)
def test_a_page_has_every_recipe(page):
    assert marks(page) == list(RECIPES)


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("name", RECIPES)
def test_a_page_names_the_files_that_are_touched_and_those_that_are_made(page, name):
    by_hand, made = section(page, name).split("<!-- made -->\n")
    steps = re.findall(r"^- (`.*?`)(?=:)", by_hand, re.M)
    assert {file for step in steps for file in re.findall(r"`([^`]+)`", step)} == RECIPES[name].by_hand
    assert set(re.findall(r"`([^`]*[./][^`]*)`", made.partition("\n\n")[0])) == RECIPES[name].made
    assert f"{len(RECIPES[name].by_hand)}" in by_hand.splitlines()[0]


@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_finds_its_places_in_the_house_as_it_stands(name):
    recipe = RECIPES[name]
    assert set(recipe.edited(ROOT)) == set(recipe.edits)
    assert [file for file in recipe.added if (ROOT / file).exists()] == []
    assert len(recipe.by_hand) <= recipe.most
