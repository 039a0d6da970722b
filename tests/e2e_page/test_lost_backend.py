"""A backend that dies and comes back, under a page that stays open."""

import re

from playwright.sync_api import expect

from services.page.core.words import WORDS
from tests.e2e_page.conftest import Look

BACK_MS = 40_000  # it is asked for at longer and longer intervals


def test_the_last_state_stays_with_its_time_and_is_fresh_again_when_the_backend_is(bot, seen, heard):
    page = seen(Look("ko"))
    page.goto("/")
    worth = page.locator(".big").inner_text()
    state, stale = page.locator("header .state"), page.get_by_text(re.compile("이후 소식이 없습니다"))
    expect(state).to_have_text(WORDS["running"].ko)
    expect(stale).to_have_count(0)

    bot.kill("backend")
    expect(stale).to_be_visible(timeout=BACK_MS)
    expect(stale).to_have_text(re.compile(r"20\d\d-\d\d-\d\d \d\d:\d\d"))
    expect(state).to_have_text(WORDS["away"].ko)
    expect(page.locator(".big")).to_have_text(worth)

    bot.start("backend")
    expect(stale).to_have_count(0, timeout=BACK_MS)
    expect(state).to_have_text(WORDS["running"].ko)


def test_the_bar_of_a_screen_that_stays_open_follows_the_switch(bot, seen):
    page = seen(Look("ko"))
    page.goto("/chart")
    state = page.locator("header .state")
    expect(state).to_have_text(WORDS["running"].ko)
    bot.post("/api/bot/pause")
    expect(state).to_have_text(WORDS["paused"].ko)


def test_a_screen_says_since_when_the_page_itself_does_not_answer(bot, seen, heard):
    heard.expected = "Failed to "  # load, says the browser, and htmx after it: fetch
    page = seen(Look("ko"))
    page.goto("/log")
    lost = page.locator("#lost")
    expect(lost).to_be_hidden()
    page.route("**/top", lambda route: route.abort())
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(lost).to_have_text(re.compile(r"\d\d:\d\d부터 이 페이지가 답하지 않습니다"))
    page.unroute("**/top")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(lost).to_be_hidden()
