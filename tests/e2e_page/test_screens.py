"""Every screen in both languages, both themes, on a phone and on a desk; its picture is in shots/."""

import pytest

from tests.e2e_page.bot import AFTER_SALES
from tests.e2e_page.conftest import LOOKS, SCREENS, shoot
from tests.e2e_page.sight import faults


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_a_screen_is_whole_and_anybody_can_use_it(bot, seen, look):
    bot.play_to(AFTER_SALES)
    page, found = seen(look), {}
    for name, path in SCREENS.items():
        page.goto(path.format(cycle=bot.last_cycle))
        shoot(page, f"{name}-{look}")
        if wrong := faults(page):
            found[name] = wrong
    assert found == {}


@pytest.mark.parametrize("look", LOOKS[::3], ids=str)
def test_a_question_is_whole_too(seen, look):
    page, found = seen(look), {}
    page.goto("/")
    for opener in page.locator("[data-open]").all():
        name = opener.get_attribute("data-open")
        opener.click()
        shoot(page, f"{name}-{look}", whole=False)
        if wrong := faults(page):
            found[name] = wrong
        page.keyboard.press("Escape")
    assert found == {}


def test_an_eye_that_is_shown_faults_finds_them(seen):
    page = seen()
    page.goto("/login")
    assert faults(page) == []
    spoilt = '<button class="btn"></button><a href="/">a</a><svg width="900" height="9"></svg>'
    page.evaluate("html => document.querySelector('main').insertAdjacentHTML('beforeend', html)", spoilt)
    assert {fault.split(":")[0] for fault in faults(page)} == {"axe", "sideways", "too small"}
