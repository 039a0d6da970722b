"""A day at the bot's: what an owner sees while it trades."""

import re

from playwright.sync_api import expect

from services.page.core.words import WORDS
from tests.e2e_page.bot import BEFORE_BUY
from tests.e2e_page.conftest import Look


def test_the_owner_comes_in_with_his_token_and_sees_how_it_stands(bot, seen, heard):
    heard.expected = "401 (Unauthorized)"
    bot.play_to(BEFORE_BUY - 1)
    page = seen(Look("ko"), owner=False)
    page.goto("/")
    expect(page.get_by_role("link", name=WORDS["enter"].ko)).to_be_visible()
    page.goto("/login")
    page.get_by_label(WORDS["api_token"].ko).fill("not the token")
    page.get_by_role("button", name=WORDS["enter"].ko).click()
    expect(page.get_by_role("alert")).to_have_text(WORDS["wrong_token"].ko)
    page.get_by_label(WORDS["api_token"].ko).fill(bot.token)
    page.get_by_role("button", name=WORDS["enter"].ko).click()
    expect(page).to_have_url(f"{bot.url}/")
    expect(page.locator("header .mode")).to_have_text(WORDS["paper"].ko)
    expect(page.locator("header .state")).to_have_text(WORDS["running"].ko)
    expect(page.locator("article.card")).to_have_count(len(bot.settings.markets))
    expect(page.get_by_role("button", name=re.compile("일시정지"))).to_be_visible()
