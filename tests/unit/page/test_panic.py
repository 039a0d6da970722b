"""The owner panics: he sees what would be sold, his request goes to the backend, and the outcome shows as it comes."""

import re

import pytest

from services.backend.routes import examples
from shared.api import routes as api
from shared.clock import SystemClock
from shared.writing import seoul_iso

PRESS = 'data-open="ask-panic" hx-get="/panic"'
HELD = examples.PANIC["positions"][0]
UNHEARD = "실행 서비스가 응답하지 않습니다"
NOTE = {
    "about": "KRW-ETH",
    "reason_code": "PANIC_STILL_HELD",
    "figures": [],
    "text": "봇이 아직 0.0115 ETH 보유 중입니다",
}
CYCLE = "KRW-ETH-20260105T0300Z"


async def question(owner):
    answer = await owner.get("/panic")
    assert answer.status_code == 200
    return answer.text


async def form(owner):
    return dict(re.findall(r'name="(form)" value="([^"]+)"', await question(owner)))


def came_to(**changes):
    """The last panic, asked for a moment ago."""
    return {"warning": "", "last": examples.PANIC_RESULT["last"] | {"at": seoul_iso(SystemClock().now())} | changes}


async def test_the_owner_alone_has_the_button(owner):
    assert PRESS in (await owner.get("/")).text
    owner.cookies.clear()
    assert PRESS not in (await owner.get("/")).text


@pytest.mark.parametrize("sell", ["true", "false"])
async def test_a_panic_is_asked_for_with_the_pages_own_form(owner, backend, sell):
    answer = await owner.post("/panic", data=await form(owner) | {"sell": sell})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert backend.panicked == [{"sell": sell, "language": "ko"}]


async def test_a_form_of_another_page_or_one_that_does_not_say_whether_to_sell_asks_for_nothing(owner, backend):
    own = await form(owner)
    for given, status in ((own, 400), (own | {"sell": "all"}, 400), ({"form": "x", "sell": "true"}, 403)):
        assert (await owner.post("/panic", data=given)).status_code == status
    assert backend.panicked == []


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"positions": [HELD | {"total": None, "note": "no book: ConnectError"}]}, "no book: ConnectError"),
        ({"positions": [HELD | {"shown": 0.005}]}, "0.005 ETH까지만"),
        ({"positions": [], "orders": []}, "취소할 주문 없음"),
        ({"is_heard": False, "warning": UNHEARD}, UNHEARD),
        ({"status": "running"}, "손절도 멈춥니다"),
    ],
)
async def test_what_is_to_be_known_before_is_said_and_the_button_stays(owner, backend, changes, said):
    backend.answers[api.PANIC.path] = examples.PANIC | changes
    html = (await question(owner)).replace("\u00a0", " ")
    assert said in html
    assert 'name="sell" value="true"' in html


async def test_a_halted_bot_is_not_said_to_stop_its_stop_losses_once_more(owner):
    assert "손절도 멈춥니다" not in await question(owner)


async def test_where_nothing_can_be_shown_that_is_said_and_the_button_is_there_all_the_same(owner, backend):
    assert "50,575" in await question(owner)
    backend.away = True
    html = await question(owner)
    assert "지금은 보여 드릴 수 없습니다" in html
    assert "50,575" not in html  # what it would have brought a while ago
    assert 'name="sell" value="true"' in html


async def test_a_backend_that_is_away_says_that_nothing_was_asked_for(owner, backend):
    own = await form(owner)
    backend.away = True
    answer = await owner.post("/panic", data=own | {"sell": "true"})
    assert (answer.status_code, "the backend does not answer" in answer.text) == (503, True)


@pytest.mark.parametrize(
    ("came", "said"),
    [
        (came_to(ended_at=None, notes=[]), "취소하고 파는 중입니다"),
        (came_to(ended_at=None, notes=[], sell=False), "취소하는 중입니다"),
        (came_to(ended_at=None, notes=[]) | {"warning": UNHEARD}, UNHEARD),
        (came_to(), "모두 끝났습니다"),
        (came_to(), "0.0115 ETH 매도"),
        (came_to(undone=[NOTE]), "끝내지 못한 일이 있습니다"),
        (came_to(undone=[NOTE | {"about": CYCLE}]), f'href="/hour/{CYCLE}"'),
    ],
)
async def test_the_first_screen_shows_what_became_of_the_last_one(owner, backend, came, said):
    backend.answers[api.LAST_PANIC.path] = came
    assert said in (await owner.get("/now/live")).text.replace("\u00a0", " ")


async def test_one_of_days_ago_is_shown_no_more_and_a_stranger_sees_none(owner, backend):
    backend.answers[api.LAST_PANIC.path] = came_to(at="2025-12-28T14:00:00+09:00")
    assert 'id="last-panic"' not in (await owner.get("/")).text
    backend.answers[api.LAST_PANIC.path] = came_to()
    assert 'id="last-panic"' in (await owner.get("/")).text
    owner.cookies.clear()
    assert 'id="last-panic"' not in (await owner.get("/")).text
