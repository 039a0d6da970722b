"""What a played day shows seldom or never: an hour of every outcome, an unfolded prompt, an empty chart."""

from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from services.page.app import create_app
from services.page.core.words import WORDS
from shared.api import routes as api
from shared.settings import Settings
from shared.writing import seoul_iso
from tests.e2e_page.conftest import HEIGHT, LOOKS, Heard, Look, settled, shoot
from tests.e2e_page.sight import faults
from tests.support.api_double import CYCLE, ApiDouble
from tests.support.builders import AT
from tests.support.looks import swaying
from tests.support.page_hours import HOURS, OTHERS, with_events, with_whole_prompt
from tests.support.served import served

HOUR = f"/hour/{CYCLE}"
UNFOLD = "document.querySelectorAll('details').forEach(fold => (fold.open = true))"


def candles() -> list[dict[str, object]]:
    names = ("open", "high", "low", "close", "volume")
    return [
        {"at": seoul_iso(opened), **dict(zip(names, figures, strict=True))}
        for opened, *figures in swaying(60, 48).iter_rows()
        if opened < AT
    ]


@pytest.fixture(autouse=True)
def running() -> None:
    """No bot is needed here."""


@pytest.fixture(scope="module")
def backend() -> ApiDouble:
    double = ApiDouble()
    double.answers[api.CANDLES.path] |= {"candles": candles()}
    return double


@pytest.fixture(scope="module")
def url(backend: ApiDouble) -> Iterator[str]:
    with served(create_app(Settings.load(), transport=httpx.MockTransport(backend)), "page") as url:
        yield url


@pytest.fixture
def beside(url: str, browser: Browser) -> Iterator:
    """Open the page of the double in a look."""
    heard, contexts = Heard(f"{url}/"), []

    def see(look: Look) -> Page:
        viewport = {"width": look.width, "height": HEIGHT}
        contexts.append(context := browser.new_context(base_url=url, viewport=viewport, color_scheme=look.theme))
        context.add_cookies([{"name": "language", "value": look.language, "url": url}])
        heard.follow(context)
        return context.new_page()

    yield see
    for context in contexts:
        context.close()
    heard.nothing()


@pytest.mark.parametrize("look", LOOKS[::3], ids=str)
def test_an_hour_of_every_outcome_is_whole(backend, beside, look):
    page, found = beside(look), {}
    for name, events in (HOURS | OTHERS).items():
        with_events(backend, *events)
        page.goto(HOUR)
        shoot(page, f"{name}-{look}")
        if wrong := faults(page):
            found[name] = wrong
    assert found == {}


@pytest.mark.parametrize("look", LOOKS[::3], ids=str)
def test_a_prompt_is_fetched_once_it_is_unfolded_and_says_whether_it_is_what_was_sent(backend, beside, look):
    with_whole_prompt(backend)
    page = beside(look)
    page.goto(HOUR)
    prompt = page.locator("#prompt")
    expect(prompt).not_to_contain_text("KRW-ETH at")
    page.get_by_text(getattr(WORDS["prompt"], look.language), exact=True).click()
    expect(prompt.locator("pre").last).to_contain_text("# KRW-ETH at 2026-01-05 03:00")
    expect(prompt.get_by_text("SHA-256").first).to_be_visible()
    expect(page.locator(".checks .right code").first).to_have_text("price")
    expect(page.locator(".checks .wrong code")).to_have_text("rsi_hour")
    page.evaluate(UNFOLD)
    shoot(page, f"hour_prompt-{look}")
    assert faults(page) == []


@pytest.mark.parametrize("look", LOOKS[::3], ids=str)
def test_what_is_drawn_is_a_table_too_and_an_empty_chart_says_so(backend, beside, look):
    page, found, full = beside(look), {}, dict(backend.answers)
    for path in ("/chart", "/results"):
        page.goto(path)
        settled(page).evaluate(UNFOLD)
        found[path] = faults(page)
    for part, none in ((api.CANDLES, {"candles": []}), (api.CYCLES, {"cycles": [], "total": 0})):
        backend.answers[part.path] = full[part.path] | none
    try:
        page.goto("/chart")
        shoot(page, f"chart_empty-{look}")
        expect(page.locator("#cursor-what")).to_have_text(getattr(WORDS["no_candles"], look.language))
        expect(page.locator("#candles")).to_be_hidden()
        found["empty"] = faults(page)
    finally:
        backend.answers |= full
    assert found == {"/chart": [], "/results": [], "empty": []}
