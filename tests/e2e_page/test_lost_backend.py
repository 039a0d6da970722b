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
