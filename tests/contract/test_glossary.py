"""What the page, Telegram and `why` call a thing is what docs/glossary.md calls it."""

from pathlib import Path

import pytest

from services.page.core.words import WORDS
from shared.glossary import CAUSES, SIDES

GLOSSARY = Path("docs/glossary.md")
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in GLOSSARY.read_text(encoding="utf-8").splitlines()
    if line.startswith("|")
]
PAIRS = {row[0]: row[1] for row in ROWS}
GIVEN_UP = {"문턱": "게이트"}
TEXTS = (".py", ".html", ".md")
# The page's words that name a thing, and how the glossary spells the term where the page says it otherwise.
OF_THE_PAGE = {
    **{name: name for name in ("paper", "live", "running", "exits-only", "paused", "stopped", "denied", "hold")},
    **{"collector": "collect", "filter": "gate", "analyst": "analyse", "executor": "execute", "notifier": "notify"},
    **{"reason_EXIT_STOP_LOSS": "stop-loss", "reason_EXIT_TRAILING_STOP": "trailing stop"},
    **{"reason_EXIT_TAKE_PROFIT": "take-profit", "reason_EXIT_PANIC": "panic"},
    **{"buy": "buy", "sell": "sell", "unrealised": "unrealised", "realised": "realised"},
}


@pytest.mark.parametrize("words", [SIDES, CAUSES], ids=["sides", "causes"])
def test_a_word_of_the_catalogue_stands_there_in_both_languages(words):
    assert {en: PAIRS.get(en) for en in words["en"].values()} == {
        words["en"][name]: words["ko"][name] for name in words["ko"]
    }


@pytest.mark.parametrize("name", OF_THE_PAGE)
def test_the_page_calls_a_thing_by_its_term(name):
    assert PAIRS[OF_THE_PAGE[name]] == WORDS[name].ko


def test_no_term_stands_there_twice_and_none_shares_its_korean():
    assert len({row[0] for row in ROWS if row[0] not in ("term", "---")}) == len(
        [row for row in ROWS if row[0] not in ("term", "---")]
    )
    korean = [ko for term, ko in PAIRS.items() if term not in ("term", "---", "cause")]
    assert len(set(korean)) == len(korean)


def test_every_term_has_its_meaning_in_both_languages():
    terms = [row for row in ROWS if len(row) == 4]
    assert len(terms) >= 25
    assert all(all(row) for row in terms)


def test_a_word_that_was_given_up_stands_nowhere():
    files = [path for top in ("shared", "services", "docs") for path in Path(top).rglob("*") if path.suffix in TEXTS]
    assert [(str(path), word) for path in files for word in GIVEN_UP if word in path.read_text(encoding="utf-8")] == []
