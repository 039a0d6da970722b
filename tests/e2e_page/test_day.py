"""A day of the bot's: what its owner sees while it trades, in one browser that is never loaded anew."""

import re
from contextlib import ExitStack

import pytest
from playwright.sync_api import Locator, Page, expect

from services.page.core.words import WORDS
from shared.services import PIPELINE
from tests.e2e_page.bot import BEFORE_BUY, BEFORE_SALE
from tests.e2e_page.conftest import SCREENS, Look, picture, shoot, sign_in
from tests.e2e_page.sight import faults


def card(page: Page, market: str) -> Locator:
    return page.locator(f"article[aria-labelledby='of-{market}']")


def states(card: Locator) -> list[str]:
    """Of the stages that a cycle passes."""
    return card.locator(".dots li").evaluate_all("dots => dots.map(dot => dot.dataset.s)")[: len(PIPELINE)]


def test_the_owner_comes_in_with_his_token_and_sees_how_it_stands(bot, seen, heard):
    heard.expected = "401 (Unauthorized)"
    bot.play_to(BEFORE_BUY)
    page = seen(Look("ko"), owner=False)
    page.goto("/")
    expect(page.get_by_role("button", name="일시정지")).to_have_count(0)
    page.get_by_role("link", name=WORDS["enter"].ko).click()
    page.get_by_label(WORDS["api_token"].ko).fill("not the token")
    page.get_by_role("button", name=WORDS["enter"].ko).click()
    expect(page.get_by_role("alert")).to_have_text(WORDS["wrong_token"].ko)
    sign_in(page, bot.token)
    expect(page.locator("header .mode")).to_have_text(WORDS["paper"].ko)
    expect(page.locator("header .state")).to_have_text(WORDS["running"].ko)
    expect(page.locator("article.card")).to_have_count(len(bot.settings.markets))
    expect(page.get_by_role("button", name="일시정지")).to_be_visible()


def test_the_dots_light_up_one_after_the_other_and_end_in_a_buy(bot, seen):
    bot.play_to(BEFORE_BUY)
    page = seen()
    page.goto("/")
    market = card(page, bot.settings.markets[0])
    with ExitStack() as still:
        held = {stage: still.enter_context(ExitStack()) for stage in PIPELINE}
        for stage, one in held.items():
            one.enter_context(bot.held(stage))
        bot.begin(1)
        for n, stage in enumerate(PIPELINE):
            expect(market.locator("[data-s=working]")).to_contain_text(WORDS[stage].en)
            assert states(market) == ["done"] * n + ["working"] + ["waiting"] * (len(PIPELINE) - n - 1)
            held[stage].close()
        bot.ended(1)
    expect(market.locator(".why")).to_contain_text("buy filled")
    expect(market.locator(".dots [data-s=done]")).to_have_count(len(PIPELINE))
    expect(market.locator(".pairs")).to_contain_text(WORDS["held"].en)


@pytest.mark.parametrize("language", ["en", "ko"])
def test_the_readme_shows_an_hour_that_bought(bot, seen, language):
    bot.play_to(BEFORE_BUY + 1)
    page = seen(Look(language), device_scale_factor=2)
    for name in ("now", "hour"):
        page.goto(SCREENS[name].format(cycle=bot.last_cycle))
        picture(page, f"{name}.{language}", 780)


def test_the_owner_sells_one_position_after_he_saw_what_it_would_bring(bot, seen):
    bot.play_to(BEFORE_BUY + 1)
    page, sold = seen(Look("ko")), bot.settings.markets[1]
    page.goto("/")
    expect(card(page, sold).locator(".pairs")).to_be_visible()
    card(page, sold).get_by_role("button", name=WORDS["press_sale"].ko).click()
    asks = page.get_by_role("dialog")
    expect(asks.get_by_role("button", name=WORDS["do_sale"].ko, exact=True)).to_be_visible()
    assert faults(page) == []
    shoot(page, "ask-sale-ko-light-360", whole=False)
    asks.get_by_role("button", name=WORDS["cancel"].ko).click()
    expect(asks).to_have_count(0)
    assert bot.coins() == dict.fromkeys(bot.settings.markets, True)

    card(page, sold).get_by_role("button", name=WORDS["press_sale"].ko).click()
    asks.get_by_role("button", name=WORDS["do_sale"].ko, exact=True).click()
    expect(page).to_have_url(re.compile(f"/hour/{sold}-"))
    page.goto("/")
    expect(card(page, sold).locator(".pairs")).to_have_count(0)
    assert bot.coins() == {bot.settings.markets[0]: True, sold: False}


def test_a_sale_shows_in_an_open_page_and_leads_to_its_hour(bot, seen):
    bot.play_to(BEFORE_SALE)
    page = seen(Look(width=1280))
    page.goto("/")
    market = card(page, bot.settings.markets[0])
    expect(market.locator(".pairs")).to_contain_text(WORDS["held"].en)
    bot.play_to(BEFORE_SALE + 1)
    expect(market.locator(".why")).to_contain_text("sell filled")
    expect(market.locator(".pairs")).to_have_count(0)

    market.get_by_role("link", name=WORDS["why_this"].en).click()
    expect(page).to_have_url(re.compile("/hour/KRW-"))
    expect(page.get_by_role("main")).to_contain_text("sell filled")
    page.get_by_role("navigation").get_by_role("link", name=WORDS["log"].en).click()
    expect(page.locator("#rows li").filter(has_text=WORDS["sell"].en).first).to_be_visible()
    page.get_by_role("navigation").get_by_role("link", name=WORDS["results"].en).click()
    expect(page.get_by_role("main")).to_contain_text(WORDS["realised"].en)


def test_a_pause_asks_first_and_says_what_it_stops(bot, seen):
    page = seen()
    page.goto("/")
    page.get_by_role("button", name=WORDS["press_pause"].en).click()
    asks = page.get_by_role("dialog")
    expect(asks).to_contain_text(WORDS["say_pause"].en)
    asks.get_by_role("button", name=WORDS["cancel"].en).click()
    expect(asks).to_have_count(0)
    assert bot.status == "running"


def test_the_switch_does_what_it_says_and_the_page_shows_it(bot, seen):
    page = seen(Look("ko"))
    page.goto("/")
    for command, then in (("exits-only", "exits-only"), ("pause", "paused"), ("resume", "running")):
        page.get_by_role("button", name=WORDS[f"press_{command}"].ko).click()
        page.get_by_role("dialog").get_by_role("button", name=WORDS[f"do_{command}"].ko, exact=True).click()
        expect(page.locator("header .state")).to_have_text(WORDS[then].ko)
        assert bot.status == then


def test_the_chosen_look_and_language_stay(seen):
    page = seen()
    page.goto("/more")
    page.get_by_text(WORDS["theme_dark"].en, exact=True).click()
    page.get_by_text("한국어", exact=True).click()
    expect(page.locator("html")).to_have_attribute("lang", "ko")
    page.goto("/")
    expect(page.get_by_role("navigation").get_by_role("link").first).to_have_text(WORDS["now"].ko)
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(14, 17, 19)"
