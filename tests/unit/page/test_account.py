"""What the owner must look at, most pressing first, and what More says of account, key and candles."""

from datetime import timedelta

import pytest

from services.backend.routes import examples
from services.page.core.account import Key, key
from services.page.core.alarms import alarms
from services.page.core.words import WORDS
from shared.api import routes as api
from shared.api.account import Account
from tests.support.builders import AT

NOTHING = {"unresolved": 0, "short": 0, "key": None, "dead": 0, "missed": 0}


def account(**given):
    return Account.model_validate(examples.ACCOUNT | given)


def test_nothing_to_look_at_is_no_line():
    assert alarms(**NOTHING) == []
    assert alarms(**NOTHING | {"key": Key(AT, 90, is_pressing=False)}) == []


def test_the_most_pressing_comes_first_with_the_place_where_it_is_mended():
    found = alarms(unresolved=1, short=2, key=Key(AT, 3, is_pressing=True), dead=4, missed=5)
    assert [(alarm.word, alarm.n, alarm.mend) for alarm in found] == [
        ("unresolved", 1, "/log#orders"),
        ("short", 2, "/more#account"),
        ("key_ends", 3, "/more#account"),
        ("dead_letters", 4, "/log#dead"),
        ("slots_missed", 5, "/log#gaps"),
    ]
    assert alarms(**NOTHING | {"unresolved": 1, "key": Key(AT, 0, is_pressing=True)})[0].word == "key_ended"


@pytest.mark.parametrize(
    ("left", "days", "is_pressing"),
    [
        (timedelta(days=8), 8, False),
        (timedelta(days=7), 7, False),
        (timedelta(days=6, hours=23), 6, True),
        (timedelta(hours=5), 0, True),
        (timedelta(days=-3), 0, True),
    ],
)
def test_a_key_presses_in_its_last_week(left, days, is_pressing):
    assert key(account(key_expires_at=AT + left), "live", AT) == Key(AT + left, days, is_pressing)


def test_on_paper_no_key_matters_and_one_that_nobody_knows_is_none():
    assert key(account(), "paper", AT) is None
    assert key(account(key_expires_at=None), "live", AT) == Key(None, None, is_pressing=False)


async def test_what_the_account_lacks_is_an_alarm_and_told_with_what_to_do(browser, backend):
    coins = [examples.ACCOUNT["coins"][0] | {"beside": -0.0025}]
    backend.answers[api.ACCOUNT.path] = examples.ACCOUNT | {"coins": coins, "left_out": ["KRW-BTC"]}
    assert 'href="/more#account">계좌가 장부보다 모자란 종목 1<' in (await browser.get("/")).text
    html = (await browser.get("/more")).text
    assert "장부보다 0.0025 ETH 모자람" in html
    assert WORDS["too_few_do"].ko in html
    assert WORDS["not_read"].ko in html


async def test_a_live_key_is_told_with_its_end_and_one_that_ends_soon_with_what_to_do(browser, backend):
    backend.answers[api.STATUS.path] = examples.STATUS | {"mode": "live"}
    backend.answers[api.ACCOUNT.path] = examples.ACCOUNT | {"key_expires_at": "2099-01-01T00:00:00+09:00"}
    html = (await browser.get("/more")).text
    assert "2099-01-01 00:00까지" in html
    assert WORDS["key_do"].ko not in html
    backend.answers[api.ACCOUNT.path] = examples.ACCOUNT | {"key_expires_at": "2020-01-01T00:00:00+09:00"}
    assert WORDS["key_do"].ko in (await browser.get("/more")).text
    assert WORDS["key_ended"].ko in (await browser.get("/")).text


async def test_candles_that_are_not_there_are_said_to_be_none(browser, backend):
    one = examples.HISTORIES["histories"][0] | {"first": None, "until": None, "candles": 0, "missing": 0, "gaps": []}
    backend.answers[api.HISTORIES.path] = {"histories": [one]}
    assert WORDS["history_none"].ko in (await browser.get("/more")).text
