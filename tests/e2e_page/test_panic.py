"""The owner panics on his phone: a bot of its own, as nothing is held any more after it."""

import re

from playwright.sync_api import Browser, expect

from services.page.core.words import WORDS
from tests.e2e_page.bot import BEFORE_BUY, Bot
from tests.e2e_page.conftest import HEIGHT, Heard, shoot, sign_in
from tests.e2e_page.sight import faults


def test_the_owner_panics_sees_all_sold_and_is_told_loudly_where_nobody_listens(browser: Browser, tmp_path):
    with Bot(tmp_path / "data") as bot:
        bot.play_to(BEFORE_BUY + 1)
        heard = Heard(f"{bot.url}/")
        context = browser.new_context(base_url=bot.url, viewport={"width": 360, "height": HEIGHT})
        context.add_cookies([{"name": "language", "value": "ko", "url": bot.url}])
        heard.follow(context)
        page = context.new_page()
        sign_in(page, bot.token)
        held = page.locator("article .pairs")
        expect(held).to_have_count(len(bot.settings.markets))

        page.get_by_role("button", name=WORDS["press_panic"].ko).press("Enter")
        asks = page.get_by_role("dialog")
        sells = asks.get_by_role("button", name=WORDS["do_panic"].ko, exact=True)
        expect(sells).to_be_visible()
        expect(asks.locator("dt")).to_have_count(len(bot.settings.markets) + 1)
        expect(asks).to_contain_text(WORDS["panic_halts"].ko)
        assert faults(page) == []
        shoot(page, "ask-panic-ko-light-360", whole=False)
        asks.get_by_role("button", name=WORDS["cancel"].ko, exact=True).click()
        expect(asks).to_have_count(0)
        assert bot.status == "running"
        assert bot.coins() == dict.fromkeys(bot.settings.markets, True)

        page.get_by_role("button", name=WORDS["press_panic"].ko).click()
        sells.click()
        came = page.get_by_role("status", name=re.compile("^패닉"))
        expect(came).to_contain_text(WORDS["panic_done"].ko)
        for market in bot.settings.markets:
            expect(came).to_contain_text(f"{market.removeprefix('KRW-')} 매도")
        expect(held).to_have_count(0)
        expect(page.locator("header .state")).to_have_text(WORDS["paused"].ko)
        assert bot.coins() == dict.fromkeys(bot.settings.markets, False)
        assert faults(page) == []
        shoot(page, "panic-done-ko-light-360")

        bot.kill("executor")
        page.get_by_role("button", name=WORDS["press_panic"].ko).click()
        expect(asks).to_contain_text("실행 서비스가 응답하지 않습니다")
        sells.click()
        expect(came).to_contain_text("아직 아무것도 취소하거나 팔지 않았습니다")
        bot.start("executor")
        expect(came).to_contain_text(WORDS["holds_none"].ko)
        expect(came).to_contain_text(WORDS["panic_done"].ko)
        heard.nothing()
        context.close()
