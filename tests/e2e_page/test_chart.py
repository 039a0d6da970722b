"""The candles, by touch, by keys and as a table; and an hour that hides what came after it."""

import re

import pytest
from playwright.sync_api import expect

from services.page.core.words import WORDS
from tests.e2e_page.bot import AFTER_SALES
from tests.e2e_page.conftest import Look, picture, settled
from tests.e2e_page.sight import faults


@pytest.fixture
def chart(bot, seen):
    bot.play_to(AFTER_SALES)
    page = seen()
    page.goto("/chart")
    return settled(page)


def test_keys_walk_through_the_candles_and_open_an_hour(chart):
    candles, at = chart.locator("#candles"), chart.locator("#cursor-at")
    candles.focus()
    chart.keyboard.press("End")
    newest = at.inner_text()
    assert re.fullmatch(r"\d\d-\d\d \d\d:\d\d", newest)
    chart.keyboard.press("ArrowLeft")
    expect(at).not_to_have_text(newest)
    hour = at.inner_text()
    expect(chart.locator("#cursor-what")).not_to_have_text(WORDS["touch_one"].en)
    chart.keyboard.press("Enter")
    expect(chart).to_have_url(re.compile("/hour/KRW-"))
    expect(chart.get_by_role("heading", level=1)).to_contain_text(hour)


def test_a_market_and_a_range_are_switched_without_a_new_page(chart):
    chart.evaluate("window.same = true")
    other = chart.locator("input[name=market]:not(:checked)").first
    market = other.get_attribute("value")
    other.check()
    chart.locator("input[name=days][value='1']").check()
    expect(chart).to_have_url(re.compile(f"market={market}&days=1"))
    settled(chart)
    assert chart.evaluate("window.same")
    assert faults(chart) == []


def test_the_table_holds_what_the_candles_show(chart):
    chart.get_by_text(WORDS["as_table"].en, exact=True).click()
    rows = chart.locator("#twin tbody tr")
    expect(rows.filter(has_text=WORDS["sell"].en).first).to_be_visible()
    expect(rows.filter(has_text=WORDS["hold"].en).first).to_be_visible()
    assert rows.count() > 24
    assert faults(chart) == []


def test_what_came_after_an_hour_is_not_there_until_it_is_asked_for(bot, seen):
    bot.play_to(AFTER_SALES)
    bought = next(one for one in bot.get("/api/cycles?limit=200")["cycles"] if one["decision"] == "buy")
    page = seen()
    page.goto(f"/hour/{bought['cycle']}")
    expect(page.get_by_text(WORDS["nobody_knew"].en)).to_be_visible()
    assert page.locator("#after").inner_text() == ""
    page.get_by_role("button", name=WORDS["see_after"].en).click()
    expect(page.locator("#after")).not_to_be_empty()
    settled(page)
    assert faults(page) == []


@pytest.mark.parametrize("language", ["en", "ko"])
def test_the_readme_shows_the_candles(bot, seen, language):
    bot.play_to(AFTER_SALES)
    page = seen(Look(language, "dark", 1280))
    page.goto("/chart")
    picture(page, f"chart.{language}", 800)
