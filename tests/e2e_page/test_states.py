"""Screens as they stand before anything has happened, in trouble with real money, and while the backend is away."""

from contextlib import contextmanager

import pytest

from tests.e2e_page.conftest import HEIGHT, SCREENS, Look, shoot, sign_in
from tests.e2e_page.sight import faults
from tests.e2e_page.states import fresh, in_trouble, page_over
from tests.support.api_double import CYCLE, TOKEN

LOOKS = [Look("ko", "light", 360), Look("en", "dark", 1280)]
PATHS = {name: path.format(cycle=CYCLE) for name, path in SCREENS.items()}


@pytest.fixture
def opened(browser, heard):
    """A browser with the owner in it, at a page over a double; it leaves before the page ends."""

    @contextmanager
    def open_over(double, look):
        with page_over(double) as url:
            heard.home = f"{url}/"
            size = {"width": look.width, "height": HEIGHT}
            context = browser.new_context(base_url=url, viewport=size, color_scheme=look.theme)
            try:
                context.add_cookies([{"name": "language", "value": look.language, "url": url}])
                heard.follow(context)
                page = context.new_page()
                sign_in(page, TOKEN)
                yield page
            finally:
                context.close()

    return open_over


def seen(page, name, look):
    """What is wrong with each screen."""
    found = {}
    for screen, path in PATHS.items():
        page.goto(path)
        shoot(page, f"{name}-{screen}-{look}")
        if wrong := faults(page):
            found[screen] = wrong
    return found


@pytest.mark.parametrize("look", LOOKS, ids=str)
@pytest.mark.parametrize("state", [fresh, in_trouble])
def test_a_screen_of_a_state_that_is_rare_is_whole(opened, state, look):
    with opened(state(), look) as page:
        assert seen(page, state.__name__, look) == {}


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_a_screen_of_a_backend_that_went_away_is_whole_and_so_is_one_that_never_was_there(opened, heard, look):
    double = in_trouble()
    with opened(double, look) as page:
        seen(page, "stale", look)
        double.away = True
        heard.expected = "503"  # where an hour after it was asked for is not known yet
        assert seen(page, "stale", look) == {}
    double.away = False
    with opened(double, look) as page:
        double.away = True
        assert seen(page, "away", look) == {}


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_each_question_of_more_is_whole(opened, look):
    with opened(in_trouble(), look) as page:
        found = {}
        page.goto("/more")
        for opener in page.locator("[data-open]").all():
            opener.click()
            shoot(page, f"{opener.get_attribute('data-open')}-{look}", whole=False)
            if wrong := faults(page):
                found[opener.get_attribute("data-open")] = wrong
            page.keyboard.press("Escape")
        assert found == {}
