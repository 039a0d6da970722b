"""Each screen in both languages: what it says, and what it says where the backend is away."""

import re

import httpx
import pytest

from services.backend.routes import examples
from services.clock.tape import OVER
from services.page.app import create_app
from services.page.core.words import PARTS, WORDS
from services.page.core.words.settings import about
from shared.api import routes as api
from shared.catalogue import analyst, exits, model, orders
from shared.settings import Settings
from shared.version import code_version
from tests.support.api_double import CYCLE, logged
from tests.support.builders import (
    decision,
    due,
    end,
    settled,
)
from tests.support.golden import assert_golden
from tests.support.page_hours import HOURS, with_events, with_prompt

SCREENS = {
    "now": "/",
    "chart": "/chart",
    "log": "/log",
    "hour": f"/hour/{CYCLE}",
    "results": "/results",
    "more": "/more",
    "login": "/login",
}


async def shown(browser, path, language="ko", status=200):
    answer = await browser.get(path, headers={"Cookie": f"language={language}"})
    assert answer.status_code == status
    return answer.text


@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize("name", SCREENS)
async def test_a_screen_is_the_golden_one(browser, name, language):
    await is_golden(browser, SCREENS[name], name, language)


async def is_golden(browser, path, name, language):
    html = await shown(browser, path, language)
    main = re.search(r"<main.*?</main>", html, re.S)
    assert main
    assert f'<html lang="{language}">' in html
    assert_golden(f"page/{language}/{name}.html", without_chance(main[0]))


def without_chance(html):
    """What differs from run to run, or with each change of the source, has a word in its place."""
    html = re.sub(r'(name="form" value=)"[^"]+"', r'\1"OWN"', html)
    return re.sub(r"\n\s*\n+", "\n", html.replace(code_version(), "VERSION")) + "\n"


@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize("name", ["now", "more"])
async def test_what_the_owner_can_press_is_the_golden_one(owner, name, language):
    owner.cookies.set("language", language)
    html = (await owner.get(SCREENS[name])).text
    found = re.findall(r"<button.*?</button>|<dialog.*?</dialog>", html[html.index("<main") :], re.S)
    assert_golden(f"page/{language}/{name}-owner.html", without_chance("\n".join(found)))


@pytest.mark.parametrize("language", ["ko", "en"])
async def test_the_question_before_a_sale_is_the_golden_one(owner, language):
    owner.cookies.set("language", language)
    assert_golden(f"page/{language}/sale.html", without_chance((await owner.get("/sell/KRW-ETH")).text))


@pytest.mark.parametrize("language", ["ko", "en"])
async def test_the_question_before_a_panic_is_the_golden_one(owner, backend, language):
    owner.cookies.set("language", language)
    backend.answers[api.PANIC.path] = examples.PANIC | {"status": "running"}
    assert_golden(f"page/{language}/panic.html", without_chance((await owner.get("/panic")).text))


def test_every_word_is_there_in_both_languages_with_the_same_blanks():
    blanks = {name: [sorted(re.findall(r"{\w+}", text)) for text in both] for name, both in WORDS.items()}
    assert all(ko == en for ko, en in blanks.values())
    assert all(text.strip() for both in WORDS.values() for text in both)
    assert len(WORDS) == sum(len(part) for part in PARTS)  # no name stands in two files


async def test_what_a_log_holds_is_text_and_no_markup(browser):
    assert "&lt;44.8\u00a0%&gt;" in await shown(browser, "/")


async def test_a_cycle_that_does_not_exist_is_said_to_be_none(browser):
    assert "there is nothing here" in await shown(browser, "/hour/KRW-ETH-20200101T0000Z", status=404)


async def test_an_open_page_shows_the_last_state_with_its_time_while_the_backend_is_away(browser, backend):
    await shown(browser, "/")
    backend.away = True
    html = await shown(browser, "/")
    assert "이후 소식이 없습니다" in html
    assert "연결 끊김" in html
    assert "실행 중</span>" not in html
    backend.away = False
    assert "이후 소식이 없습니다" not in await shown(browser, "/")


@pytest.mark.parametrize("path", list(SCREENS.values())[:-1])
async def test_a_page_that_never_saw_the_backend_says_so(browser, backend, path):
    backend.away = True
    html = await shown(browser, path, status=503)
    assert "백엔드가 답하지 않고" in html


async def test_an_answer_of_another_shape_is_no_state(browser, backend):
    backend.answers[api.STATUS.path] = {"status": "fine"}
    assert "another version" in await shown(browser, "/more", status=503)


async def test_nothing_was_traded_yet(browser, backend):
    backend.answers[api.CYCLES.path] = {"cycles": [], "total": 0}
    backend.answers[api.PORTFOLIO.path] = {
        "valued_at": None, "krw_balance": None, "total_value_krw": None, "coins": [], "realised": 0, "unrealised": 0,
        "history": [],
    }  # fmt: skip
    html = await shown(browser, "/")
    assert "아직 사이클이 없습니다" in html
    assert "아직 평가한 적이 없습니다" in html
    assert "여기에 맞는 기록이 없습니다" in await shown(browser, "/log")


async def test_real_money_is_said_by_word_and_shape(browser, backend):
    backend.answers[api.STATUS.path] = backend.answers[api.STATUS.path] | {"mode": "live"}
    html = await shown(browser, "/")
    assert "LIVE 실거래" in html
    assert 'class="top real"' in html


def with_an_unresolved_order(backend, *events, **given):
    cycle = backend.answers[api.CYCLE.at(CYCLE)] | {
        "end_kind": "OrderUnresolved", "stage": "executor", "status": "failed", "reason_code": "ORDER_UNRESOLVED"
    } | given  # fmt: skip
    backend.answers[api.CYCLE.at(CYCLE)] = cycle | {"events": logged(*events)}
    slim = {name: value for name, value in cycle.items() if name not in ("why", "events")}
    backend.answers[api.CYCLES.path] = {"cycles": [slim], "total": 1}


async def test_an_order_of_unknown_outcome_is_an_alarm_with_what_to_do(browser, backend):
    with_an_unresolved_order(backend, due(), end("OrderUnresolved"))
    assert "주문 결과 불명 1" in await shown(browser, "/")
    html = await shown(browser, "/log")
    assert f"upcycle settle {CYCLE}</pre>" in html
    assert f"upcycle settle {CYCLE} --not-there</pre>" in html


async def test_whose_an_order_is_is_asked_where_another_bot_may_have_sent_it(browser, backend):
    with_an_unresolved_order(backend, due(), end("OrderUnresolved"), reason_code="IDENTIFIER_TAKEN")
    html = await shown(browser, "/log")
    assert f"upcycle settle {CYCLE} --not-ours</pre>" in html
    assert "--not-there" not in html


async def test_a_settled_order_is_nothing_to_look_at(browser, backend):
    with_an_unresolved_order(backend, due(), end("OrderUnresolved"), settled())
    assert "주문 결과 불명 1" not in await shown(browser, "/")
    assert "upcycle settle" not in await shown(browser, "/log")


async def test_missed_slots_in_a_row_are_one_line_with_their_cause(browser, backend):
    missed = backend.answers[api.STATUS.path]["missed"][0] | {"cause": "no_clock", "detail": ""}
    slots = [missed | {"slot_at": f"2026-01-05T{hour:02}:00:00+09:00"} for hour in (3, 4, 5, 9)]
    backend.answers[api.STATUS.path] = backend.answers[api.STATUS.path] | {"missed": slots}
    html = await shown(browser, "/log")
    assert "01-05 03:00 – 05:00" in html
    assert "3번" in html
    assert "시계가 돌지 않음" in html
    assert "놓친 시간 4" in await shown(browser, "/")


@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize("name", HOURS)
async def test_an_hour_is_the_golden_one(browser, backend, name, language):
    with_events(backend, *HOURS[name])
    with_prompt(backend, 61.2 if name == "hour_wrong" else 24.5, -0.0023)
    await is_golden(browser, f"/hour/{CYCLE}", name, language)


async def test_an_hour_of_a_version_before_the_rules_figures_has_none(browser, backend):
    with_events(backend, decision(), end("OrderDenied", reason="호가 차이 0.71 % (한도 0.50 %)"))
    assert "이 기록에는 규칙에 쓴 수치가 없습니다." in await shown(browser, f"/hour/{CYCLE}")


@pytest.mark.parametrize("language", ["ko", "en"])
async def test_the_prompt_of_an_hour_is_the_golden_one(browser, language):
    html = await shown(browser, f"/hour/{CYCLE}/prompt", language)
    assert_golden(f"page/{language}/hour_prompt.html", without_chance(html))


@pytest.mark.parametrize("differs", ["template", "input", "version"])
async def test_a_prompt_that_is_not_what_was_sent_is_said_to_be_another(browser, backend, differs):
    gone = dict.fromkeys(("evidence", "request", *(("system", "user") if differs == "template" else ())))
    with_events(backend, *HOURS["hour_wrong"])
    with_prompt(backend, 1, 1, same=False, differs=differs, **gone)
    html = await shown(browser, f"/hour/{CYCLE}/prompt", "en")
    assert WORDS[f"prompt_differs_{differs}"].en in html
    assert WORDS["prompt_same"].en not in html
    hour = await shown(browser, f"/hour/{CYCLE}", "en")
    assert WORDS["ask_again"].en not in hour
    assert '<li class="wrong"><i aria-hidden="true">✗</i><span><span class="vh">wrong: </span><code>rsi_hour<' in hour
    assert "in truth" not in hour


async def test_a_prompt_that_cannot_be_had_says_why_in_its_place(browser, backend):
    backend.away = True
    html = await shown(browser, f"/hour/{CYCLE}/prompt")
    assert "the backend does not answer" in html
    assert "<html" not in html


async def test_the_model_is_asked_again_with_a_key_that_only_the_shell_knows(browser, backend):
    with_events(backend, *HOURS["hour_bought"])
    html = await shown(browser, f"/hour/{CYCLE}")
    assert f"{api.PROMPT.at(CYCLE)} | jq .request.body | " in html
    assert '-H "Authorization: Bearer $OPENAI_API_KEY"' in html


async def test_curl_has_the_address_by_which_the_owner_reaches_the_api(backend):
    for given, address in (
        ({"backend_url": "http://127.0.0.1:8123"}, "http://127.0.0.1:8123"),
        ({"backend_url": "http://backend:8000", "api_url": "https://bot.example.com/"}, "https://bot.example.com"),
    ):
        app = create_app(Settings.load(**given), transport=httpx.MockTransport(backend))
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1:3000") as client:
            assert f"curl -s {address}{api.CYCLE.at(CYCLE)}<" in (await client.get(f"/hour/{CYCLE}")).text


async def test_a_filter_of_the_log_looks_page_after_page_until_it_found_enough(browser, backend):
    """The double answers every page with the same cycle, a rejected one, and says that older ones are there."""
    backend.answers[api.CYCLES.path] = backend.answers[api.CYCLES.path] | {"older": CYCLE}
    html = await shown(browser, "/log?kind=buy")
    assert "까지 거슬러 보아도 없습니다" in html
    assert f"/log?market=&amp;kind=buy&amp;before={CYCLE}" in html
    html = await shown(browser, "/log?kind=gated")
    assert "5번" in html


async def test_a_kind_that_does_not_exist_filters_nothing(browser):
    assert "게이트 거절</a>" in await shown(browser, "/log?kind=tea")


async def test_the_owner_is_told_of_every_order_in_doubt_and_of_dead_letters(owner, backend):
    with_an_unresolved_order(backend, due(), end("OrderUnresolved"))
    order = examples.UNRESOLVED["orders"][0] | {"cycle": CYCLE}
    foreign = order | {"cycle": "KRW-BTC-20260105T0300Z", "market": "KRW-BTC", "kind": "foreign", "reason": None,
                       "command": "upcycle adopt KRW-BTC-20260105T0300Z"}  # fmt: skip
    backend.answers[api.UNRESOLVED.path] = {"orders": [order, foreign]}
    backend.answers[api.DEAD.path] = examples.DEAD
    html = (await owner.get("/")).text
    assert "주문 결과 불명 2" in html
    assert "처리 못한 메시지 1" in html
    html = (await owner.get("/log")).text
    for command in (f"upcycle settle {CYCLE}", foreign["command"], examples.DEAD["letters"][0]["retry"]):
        assert f"{command}</pre>" in html


async def test_settings_are_the_owners_with_no_secret_and_with_what_they_were(owner, backend):
    plain = examples.SETTINGS["settings"][0]
    secret = plain | {"name": "OPENAI_API_KEY", "is_secret": True, "is_default": None, "decides": False,
                      "value": "set", "used": None, "since": None, "before": None, "changes": 0}  # fmt: skip
    odd = plain | {"name": "GATE_GUARDS", "value": "all", "used": "entries", "is_default": False, "changes": 0}
    rest = plain | {
        "name": "TELEGRAM_TOKEN",
        "is_secret": True,
        "is_default": None,
        "value": "unknown",
        "decides": False,
    }
    backend.answers[api.SETTINGS.path] = {"settings": [plain, secret, odd, rest]}
    html = (await owner.get("/more")).text
    assert "설정됨 ••••••••" in html
    assert "2025-12-28 14:00부터, 그 전에는 0.6" in html
    assert "마지막 사이클은 entries로 판단했습니다" in html
    assert "기본값 그대로인 설정 1개" in html
    owner.cookies.clear()
    assert "GATE_WIN_RATE_MIN" not in (await owner.get("/more")).text


async def test_a_tape_has_no_budget_of_today(browser, backend):
    assert "모델 예산, 오늘" in await shown(browser, "/more")
    backend.answers[api.COSTS.path] = examples.COSTS | {"model_budget": None}
    assert "모델 예산, 오늘" not in await shown(browser, "/more")


async def test_what_the_model_cost_is_taken_off(browser, backend):
    html = await shown(browser, "/results")
    net = examples.STATS["profit"] - examples.COSTS["periods"][0]["model_cost"]
    assert f"+{net:,.0f}원" in html


def test_every_reason_to_buy_or_sell_has_a_head_for_its_row():
    rules = (analyst.RULES_OVERSOLD, analyst.RULES_OVERBOUGHT, analyst.RULES_TREND_BREAK)
    rules += tuple(analyst.OVER_BUDGET[rule.code] for rule in rules)
    entries = (model.LLM_BUY, model.LLM_SELL, *rules, *exits.BY_RULE.values(), orders.ORDER_ADOPTED)
    assert {f"reason_{entry.code}" for entry in entries} <= WORDS.keys()


async def test_a_reason_of_a_later_version_stands_by_its_code(browser, backend):
    later = examples.STATS["exits"][0] | {"reason_code": "EXIT_OF_TOMORROW"}
    backend.answers[api.STATS.path] = examples.STATS | {"exits": [later]}
    assert "EXIT_OF_TOMORROW" in await shown(browser, "/results")


async def test_results_are_those_of_the_span_that_was_chosen(browser, backend):
    spans = []
    backend.answers[api.STATS.path] = lambda request: spans.append(request.url.params["from"]) or examples.STATS
    for days in (7, 365):
        await shown(browser, f"/results?span={days}")
    assert spans == ["2025-12-21", "2024-12-28"]


def test_every_setting_is_told_in_korean_too():
    assert [name for name in map(str.upper, Settings.model_fields) if not about(name, "ko")] == []
    assert about("PORT", "en") is None


async def test_what_keeps_a_job_from_running_is_told_in_the_readers_language(browser, backend):
    backend.answers[api.JOBS.path] = {"jobs": [examples.JOB | {"note": "the tape is over", "reason_code": OVER.code}]}
    assert "재생이 끝남" in await shown(browser, "/more")
    assert "the tape is over" in await shown(browser, "/more", "en")
    backend.answers[api.JOBS.path]["jobs"][0] |= {"paused": True, "by": "me"}
    assert "재생이 끝남" not in await shown(browser, "/more")
