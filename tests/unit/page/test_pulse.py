"""That the log has grown, as a browser is told."""

import pytest

from services.page.adapters import pulse
from services.page.adapters.pulse import MESSAGE, EventPulse


@pytest.fixture
def quick(monkeypatch):
    for name, seconds in (("_TOGETHER_S", 0), ("_BOOKED_S", 0.01), ("_PING_S", 0.03)):
        monkeypatch.setattr(pulse, name, seconds)


async def test_a_browser_is_told_once_more_when_the_books_have_had_time_to_follow(quick):
    ear = EventPulse(None)
    messages = ear.follow()
    assert await anext(messages) == ": here\n\n"
    ear._tell()
    assert [await anext(messages) for _ in range(3)] == [MESSAGE, MESSAGE, ": still here\n\n"]


async def test_a_browser_that_came_is_told_once_of_what_happened_since_its_page_was_made(quick):
    messages = EventPulse(None).follow()
    assert [await anext(messages) for _ in range(3)] == [": here\n\n", MESSAGE, ": still here\n\n"]
