"""The owner sells a position: he sees what it would bring, and what he saw is what is asked for."""

import re

import pytest

from services.backend.routes import examples
from shared.api import routes as api
from tests.support.api_double import CYCLE

SALE = api.SALE.at("KRW-ETH")


async def question(owner):
    answer = await owner.get("/sell/KRW-ETH")
    assert answer.status_code == 200
    return answer.text


async def test_a_position_of_the_bot_has_a_button_for_its_owner(owner, backend):
    assert 'hx-get="/sell/KRW-ETH"' in (await owner.get("/")).text
    coin = examples.PORTFOLIO["coins"][0] | {"bot_amount": 0, "bot_cost": 0}
    backend.answers[api.PORTFOLIO.path] = examples.PORTFOLIO | {"coins": [coin]}
    assert "/sell/" not in (await owner.get("/")).text


async def test_a_sale_is_asked_for_as_it_was_shown_and_leads_to_its_hour(owner, backend):
    given = dict(re.findall(r'name="(\w+)" value="([^"]+)"', await question(owner)))
    assert given["amount"] == "0.0115"
    answer = await owner.post("/sell/KRW-ETH", data=given)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/hour/{CYCLE}")
    assert backend.sold == [{"id": examples.SALE["id"], "amount": "0.0115"}]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"obstacle": "봇이 일시정지된 상태입니다"}, "봇이 일시정지된 상태입니다"),
        ({"order": 0.005}, "0.005 ETH만 팔립니다"),
    ],
)
async def test_what_stands_in_the_way_is_said(owner, backend, changes, said):
    backend.answers[SALE] = examples.SALE | changes
    html = await question(owner)
    assert said in html
    assert ("<form" in html) == ("obstacle" not in changes)


async def test_where_nothing_can_be_sold_the_dialog_says_why_and_has_no_button(owner, backend):
    del backend.answers[SALE]
    html = await question(owner)
    assert "there is nothing here" in html
    assert "<form" not in html


async def test_a_price_of_a_while_ago_is_not_shown_as_one(owner, backend):
    await question(owner)
    backend.away = True
    html = await question(owner)
    assert "지금은 팔 수 없습니다" in html
    assert "<form" not in html


async def test_a_stranger_is_shown_no_price_and_no_button(browser):
    html = await question(browser)
    assert "<form" not in html
