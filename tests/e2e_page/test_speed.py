"""How fast a phone's reader sees something: the first paint of a screen, and the paint after a tap."""

import statistics

import pytest
from playwright.sync_api import Page

from services.page.routes.frame import TABS
from tests.e2e_page.bot import AFTER_SALES
from tests.e2e_page.conftest import SCREENS, Look

FIRST_PAINT_MS, TAP_MS = 1000, 100
ROUNDS = 7
TAPS = {
    "a question": ("/", "[data-open='ask-pause']", "dialog[open] [data-close]"),
    "a theme": ("/more", "label:has([value='dark'])", "label:has([value='light'])"),
}
_PAINT = """() => new Promise(done => new PerformanceObserver(list => {
  const paint = list.getEntriesByName('first-contentful-paint')[0]
  if (paint) done(paint.startTime)
}).observe({type: 'paint', buffered: true}))"""
_ANSWER = "() => performance.getEntriesByType('navigation')[0].responseStart"
# The browser's own measure of a tap, to the paint that shows it; it leaves out what takes less than 16 ms.
_LISTEN = """() => { window.taps = []
  new PerformanceObserver(list => taps.push(...list.getEntries().map(e => e.duration)))
    .observe({type: 'event', durationThreshold: 16}) }"""
_TAP = """async () => {
  await new Promise(done => requestAnimationFrame(() => setTimeout(done, 60)))
  const most = Math.max(16, ...taps)
  taps.length = 0
  return most
}"""


def first_paint(page: Page, path: str) -> float:
    page.goto(path)
    return float(page.evaluate(_PAINT))


@pytest.fixture
def phone(bot, seen):
    bot.play_to(AFTER_SALES)
    return lambda: seen(Look(), has_touch=True)


@pytest.mark.parametrize("name", SCREENS)
def test_a_screen_paints_within_a_second_in_a_browser_that_has_nothing_yet(bot, phone, name, capsys):
    path = SCREENS[name].format(cycle=bot.last_cycle)
    took = [first_paint(phone(), path) for _ in range(ROUNDS)]
    said(capsys, f"first paint of {path}", took)
    assert statistics.median(took) < FIRST_PAINT_MS


@pytest.mark.parametrize("what", TAPS)
def test_a_tap_shows_at_once(phone, what, capsys):
    page, took = phone(), []
    path, *targets = TAPS[what]
    page.goto(path)
    page.evaluate(_LISTEN)
    for target in targets * ROUNDS:
        page.locator(target).tap()
        took.append(page.evaluate(_TAP))
    said(capsys, f"a tap on {what}", took)
    assert statistics.median(took) < TAP_MS


@pytest.mark.parametrize("name", TABS)
def test_a_tap_on_a_tab_paints_the_next_screen_at_once(phone, name, capsys):
    page, took, waited = phone(), [], []
    for _ in range(ROUNDS):
        page.goto("/more" if name == "now" else "/")
        page.locator(f".tabs a[href='{SCREENS[name]}']").tap()
        page.wait_for_url(f"**{SCREENS[name]}")
        took.append(float(page.evaluate(_PAINT)))
        waited.append(float(page.evaluate(_ANSWER)))
    said(capsys, f"the page's answer to {SCREENS[name]}", waited)
    said(capsys, f"a tap on the tab of {SCREENS[name]}", took)
    assert statistics.median(took) < FIRST_PAINT_MS


def said(capsys: pytest.CaptureFixture[str], what: str, took: list[float]) -> None:
    with capsys.disabled():
        print(f"\n  {what}: {statistics.median(took):.0f} ms, of {min(took):.0f} to {max(took):.0f}", end="")
