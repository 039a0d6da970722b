"""A bot with its page, a browser that calls nobody else, and looks in which a screen is seen."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from services.page.routes.frame import TABS
from tests.e2e_page.bot import Bot
from tests.e2e_page.browser import FLAGS, find

SHOTS = Path(__file__).parent / "shots"
SCREENS = {
    **{tab: "/" if tab == "now" else f"/{tab}" for tab in TABS},
    **{"hour": "/hour/{cycle}", "login": "/login", "guide": "/guide/user"},
}
HEIGHT = 800
expect.set_options(timeout=20_000)  # a machine may do other things beside


@dataclass(frozen=True)
class Look:
    """How a reader sees the page."""

    language: str = "en"
    theme: str = "light"
    width: int = 360

    def __str__(self) -> str:
        return f"{self.language}-{self.theme}-{self.width}"


LOOKS = [Look(lang, theme, width) for lang in ("ko", "en") for theme in ("light", "dark") for width in (360, 1280)]


@dataclass
class Heard:
    """What went wrong in a browser, and which hosts it asked. expected: part of an error that belongs to the test."""

    home: str
    expected: str | None = None
    errors: list[str] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)

    def follow(self, context: BrowserContext) -> None:
        context.on("console", lambda said: said.type in ("error", "warning") and self.errors.append(said.text))
        context.on("weberror", lambda e: self.errors.append(str(e.error)))
        context.on("request", lambda asked: asked.url.startswith(self.home) or self.strangers.append(asked.url))

    def nothing(self) -> None:
        assert self.strangers == []
        assert [error for error in self.errors if self.expected is None or self.expected not in error] == []


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The day comes first: it watches the tape's hours as they are played, the others look at what was."""
    items.sort(key=lambda item: item.path.name != "test_day.py")


@pytest.fixture(scope="session")
def bot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bot]:
    with Bot(tmp_path_factory.mktemp("bot") / "data") as running:
        yield running


@pytest.fixture(autouse=True)
def running(bot: Bot) -> Iterator[None]:
    """The bot runs after each test, whatever it did to the switch."""
    yield
    if bot.status != "running":
        bot.post("/api/bot/start")
        bot.post("/api/bot/resume")


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    return browser_type_launch_args | {"executable_path": find(), "args": list(FLAGS)}


@pytest.fixture(scope="session")
def signed_in(bot: Bot, browser: Browser) -> Any:
    """What a browser keeps once the token was given to it."""
    context = browser.new_context(base_url=bot.url)
    page = context.new_page()
    sign_in(page, bot.token)
    state = context.storage_state()
    context.close()
    return state


def sign_in(page: Page, token: str) -> None:
    page.goto("/login")
    page.locator("#token").fill(token)
    page.locator("form[action='/login'] button").click()
    page.wait_for_url("**/")


@pytest.fixture
def heard(bot: Bot) -> Iterator[Heard]:
    heard = Heard(f"{bot.url}/")
    yield heard
    heard.nothing()


@pytest.fixture
def seen(bot: Bot, browser: Browser, signed_in: Any, heard: Heard):
    """Open the page in a look; as a stranger where the owner is not meant."""
    contexts: list[BrowserContext] = []

    def see(look: Look = Look(), *, owner: bool = True, **more: Any) -> Page:
        context = browser.new_context(
            base_url=bot.url, viewport={"width": look.width, "height": HEIGHT}, color_scheme=look.theme,
            storage_state=signed_in if owner else None, **more,
        )  # fmt: skip
        context.add_cookies([{"name": "language", "value": look.language, "url": bot.url}])
        heard.follow(context)
        contexts.append(context)
        return context.new_page()

    yield see
    for context in contexts:
        context.close()


def settled(page: Page) -> Page:
    """Once what the screen asks for by itself is there."""
    page.wait_for_load_state("load")
    expect(page.locator("[aria-busy=true]")).to_have_count(0)
    return page


def shoot(page: Page, name: str, *, whole: bool = True) -> None:
    """Keep a picture; whole: of all of the screen, which then has no end that bars could cover."""
    settled(page)
    size = page.viewport_size
    if whole:
        height = page.evaluate("document.documentElement.scrollHeight")
        page.set_viewport_size({"width": size["width"], "height": max(height, HEIGHT)})
    page.screenshot(path=SHOTS / f"{name}.png", animations="disabled")
    page.set_viewport_size(size)


def picture(page: Page, name: str, height: int) -> None:
    """Keep one for the README; `make pictures` puts them into docs/."""
    page.set_viewport_size({"width": page.viewport_size["width"], "height": height})
    file = SHOTS / "readme" / f"{name}.png"
    settled(page).screenshot(path=file, animations="disabled")
    assert file.stat().st_size <= 200_000
