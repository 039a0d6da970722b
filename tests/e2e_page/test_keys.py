"""Everything can be done with a keyboard alone, and it is always seen where one is."""

import pytest
from playwright.sync_api import Page, expect

from services.page.core.words import WORDS
from tests.e2e_page.conftest import SCREENS, Look, settled

_MOST = 400  # stops with the tab key
# What a tab key should reach: a group of radio buttons is one stop.
_REACHABLE = """() => {
  const stops = [...document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex="0"]')]
    .filter(e => e.checkVisibility({visibilityProperty: true}) && !e.disabled && e.type !== 'hidden')
    .filter(e => e.type !== 'radio' || e.checked)
  window.stops = stops
  return stops.length
}"""
# The element with the focus, whether it is marked, and whether something covers it.
_HERE = """() => {
  const e = document.activeElement
  if (!e || e === document.body) return null
  const seen = e.matches('input[type=radio], input[type=checkbox]') ? e.closest('label') : e
  const box = seen.getClientRects()[0]
  const x = Math.min(Math.max(box.left + box.width / 2, 1), innerWidth - 1)
  const y = Math.min(Math.max(box.top + Math.min(box.height, 40) / 2, 1), innerHeight - 1)
  const top = document.elementFromPoint(x, y)
  return {stop: stops.indexOf(e), html: e.outerHTML.slice(0, 100),
    marked: getComputedStyle(seen).outlineStyle !== 'none',
    covered: !(top && (seen.contains(top) || top.contains(seen)))}
}"""


def walk(page: Page) -> list[dict]:
    """Every stop of the tab key, from the top to the end."""
    stops: list[dict] = []
    for _ in range(_MOST):
        page.keyboard.press("Tab")
        here = page.evaluate(_HERE)
        if here is None or (stops and here["stop"] == stops[0]["stop"]):
            return stops
        stops.append(here)
    raise AssertionError(f"{_MOST} stops, and no end")


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("name", SCREENS)
def test_the_tab_key_reaches_everything_and_shows_where_it_is(bot, seen, name, width):
    page = seen(Look(width=width))
    page.goto(SCREENS[name].format(cycle=bot.last_cycle))
    count = settled(page).evaluate(_REACHABLE)
    page.evaluate("document.activeElement.blur()")
    stops = walk(page)
    assert {stop["stop"] for stop in stops} >= set(range(count))
    assert [stop["html"] for stop in stops if not stop["marked"]] == []
    assert [stop["html"] for stop in stops if stop["covered"]] == []


def test_the_first_stop_skips_to_the_content(seen):
    page = seen()
    page.goto("/log")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name=WORDS["skip"].en)).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.querySelector('main').contains(document.activeElement)")


def test_a_question_holds_the_focus_and_gives_it_back(seen):
    page = seen()
    page.goto("/")
    opener = page.get_by_role("button", name=WORDS["press_pause"].en)
    opener.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog").get_by_role("button", name=WORDS["cancel"].en)).to_be_focused()
    for _ in range(6):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement === document.body || !!document.activeElement.closest('dialog')")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(opener).to_be_focused()


def test_a_keyboard_alone_pauses_and_resumes(bot, seen):
    page = seen()
    page.goto("/")
    for command, then in (("pause", "paused"), ("resume", "running")):
        page.get_by_role("button", name=WORDS[f"press_{command}"].en).focus()
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        expect(page.get_by_role("button", name=WORDS[f"do_{command}"].en, exact=True)).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.locator("header .state")).to_have_text(WORDS[then].en)
    assert bot.status == "running"
