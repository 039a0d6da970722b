"""What an open screen asks for by itself: parts of it, never another screen in their place."""

import pytest

from services.page.core.words import WORDS
from shared.api import routes as api

PART = {"HX-Request": "true", "Cookie": "language=ko"}


async def part(browser, path="/top"):
    return await browser.get(path, headers=PART)


@pytest.mark.parametrize("path", ["/chart", "/log", "/results", "/more"])
async def test_the_bar_of_a_screen_looks_anew_by_itself(browser, path):
    assert 'hx-get="/top"' in (await browser.get(path)).text


async def test_the_first_screen_looks_anew_as_a_whole_and_not_twice(browser):
    html = (await browser.get("/")).text
    assert 'hx-get="/now/live"' in html
    assert 'hx-get="/top"' not in html


async def test_the_bar_says_what_the_bot_does_now_and_that_nobody_knows(browser, backend):
    assert WORDS["running"].ko in (await part(browser)).text
    backend.answers[api.STATUS.path] = backend.answers[api.STATUS.path] | {"status": "paused"}
    html = (await part(browser)).text
    assert WORDS["paused"].ko in html
    assert "<main" not in html
    backend.away = True
    assert WORDS["away"].ko in (await part(browser)).text


@pytest.mark.parametrize("path", ["/top", "/now/live"])
async def test_a_part_that_was_never_there_loads_the_screen_anew(browser, backend, path):
    backend.away = True
    answer = await part(browser, path)
    assert (answer.status_code, answer.headers["hx-refresh"], answer.text) == (204, "true", "")


@pytest.mark.parametrize("path", ["/top", "/now/live"])
async def test_a_part_that_needs_the_token_leads_to_the_door(browser, backend, path):
    backend.open_reads = False
    answer = await part(browser, path)
    assert (answer.status_code, answer.headers["hx-redirect"], answer.text) == (204, "/login", "")


async def test_a_screen_that_has_nothing_to_show_looks_until_the_backend_is_back(browser, backend):
    backend.away = True
    assert 'hx-get="/back"' in (await browser.get("/log")).text
    assert "hx-refresh" not in (await part(browser, "/back")).headers
    backend.away = False
    assert (await part(browser, "/back")).headers["hx-refresh"] == "true"
