"""Whose browser it is: the token once, a cookie, a form of our own; and nobody else's page around it."""

import re
from typing import get_args

import pytest

from services.page.adapters import static_files
from services.page.app import PARTS
from services.page.routes.headers import HEADERS
from shared.api import routes as api
from shared.switch import COMMANDS, Status
from tests.support.api_double import TOKEN

SHEET = f"{static_files.address()}/page.css"


def form_of(html):
    return re.search(r'name="form" value="([^"]+)"', html)[1]


async def test_the_token_is_asked_for_once_and_never_seen_again(owner):
    cookie = owner.cookies.jar
    (kept,) = [one for one in cookie if one.name == "upcycle"]
    assert kept.has_nonstandard_attr("HttpOnly")
    assert kept.get_nonstandard_attr("SameSite").lower() == "strict"
    for path in ("/", "/log", "/results", "/more"):
        html = (await owner.get(path)).text
        assert TOKEN not in html
        assert kept.value not in html


async def test_a_wrong_token_opens_nothing(browser):
    answer = await browser.post("/login", data={"token": "wrong"})
    assert answer.status_code == 401
    assert "API_TOKEN이 아닙니다" in answer.text
    assert "upcycle" not in browser.cookies


POSTS = [route.path for part in PARTS for route in part.routes if "POST" in route.methods and route.path != "/login"]


@pytest.mark.parametrize("path", POSTS)
@pytest.mark.parametrize("given", [{}, {"form": ""}, {"form": "x" * 43}])
async def test_a_form_of_another_page_changes_nothing(owner, backend, path, given):
    assert (await owner.post(path, data=given)).status_code == 403
    assert [asked for asked in backend.asked if asked[0] == "POST"] == []


@pytest.mark.parametrize("path", POSTS)
async def test_a_stranger_changes_nothing(browser, backend, path):
    assert (await browser.post(path, data={"form": "x"})).status_code == 401
    assert [asked for asked in backend.asked if asked[0] == "POST"] == []


@pytest.mark.parametrize("path", ["/", "/more"])
async def test_a_stranger_sees_no_button_that_changes_anything(browser, path):
    assert "data-open" not in (await browser.get(path)).text


async def test_another_sites_form_signs_nobody_in(browser):
    answer = await browser.post("/login", data={"token": TOKEN}, headers={"Origin": "http://evil.example"})
    assert answer.status_code == 403
    assert "upcycle" not in browser.cookies


async def test_whoever_ends_tls_in_front_of_the_page_signs_in_and_the_cookie_stays_encrypted(browser):
    """As tailscale serve does: https outside, http to the page, under a name that is no site of another."""
    host = "127.0.0.1:3000"
    answer = await browser.post("/login", data={"token": TOKEN}, headers={"Origin": f"https://{host}", "Host": host})
    assert answer.status_code == 303
    assert "Secure" in answer.headers["set-cookie"]


async def test_who_leaves_is_a_stranger(owner):
    form = form_of((await owner.get("/more")).text)
    assert (await owner.post("/logout", data={"form": form})).status_code == 303
    assert "들어오기" in (await owner.get("/more")).text


async def test_a_body_without_an_end_is_not_read(browser):
    answer = await browser.post("/login", content=b"token=" + b"x" * 5000)
    assert answer.status_code == 413


async def test_a_browser_keeps_files_for_ever_and_no_screen_and_a_screen_names_those_of_now(browser):
    file, screen = await browser.get(SHEET), await browser.get("/")
    assert "immutable" in file.headers["cache-control"]
    assert screen.headers["cache-control"] == "no-store"
    assert f'href="{SHEET}"' in screen.text
    for gone in (f"{static_files.address()}/none.css", "/static/000000000000/page.css"):
        answer = await browser.get(gone)
        assert (answer.status_code, answer.headers["cache-control"]) == (404, "no-store")


def test_the_address_of_the_files_changes_with_any_of_them(tmp_path, monkeypatch):
    monkeypatch.setattr(static_files, "FOLDER", tmp_path)
    found = {static_files.address()}
    for name, text in (("a.css", "a"), ("a.css", "b"), ("b.css", "b")):
        (tmp_path / name).write_text(text)
        found.add(static_files.address())
    assert len(found) == 4


@pytest.mark.parametrize("path", ["/", "/log", "/login", "/nothing", "/ready", SHEET, "/health"])
async def test_every_answer_tells_the_browser_what_it_may_do(browser, path):
    answer = await browser.get(path)
    assert {name: answer.headers[name] for name in HEADERS} == HEADERS


async def test_a_page_elsewhere_cannot_have_it_called_by_its_own_name(browser):
    assert (await browser.get("/", headers={"Host": "evil.example"})).status_code == 421


async def test_where_the_owner_alone_may_read_everybody_else_is_sent_to_the_door(browser, backend):
    backend.open_reads = False
    answer = await browser.get("/")
    assert (answer.status_code, answer.headers["location"]) == (303, "/login")
    await browser.post("/login", data={"token": TOKEN})
    assert (await browser.get("/")).status_code == 200


async def test_what_the_owner_read_is_not_shown_to_a_stranger_while_the_backend_is_away(owner, backend):
    backend.open_reads = False
    await owner.get("/")
    backend.away = True
    assert (await owner.get("/")).status_code == 200
    owner.cookies.clear()
    assert (await owner.get("/")).status_code == 503


async def test_a_job_is_halted_and_let_go_on_by_a_form_of_the_page(owner, backend):
    form = form_of((await owner.get("/more")).text)
    for verb, route in (("pause", api.PAUSE_JOB), ("resume", api.RESUME_JOB)):
        answer = await owner.post(f"/jobs/daily_report_job/{verb}", data={"form": form})
        assert (answer.status_code, answer.headers["location"]) == (303, "/more#jobs")
        assert ("POST", route.at("daily_report_job")) in backend.asked
    assert (await owner.post("/jobs/tea_job/pause", data={"form": form})).status_code == 404


async def test_a_table_comes_with_the_owners_token_and_under_its_name(owner, backend):
    backend.open_reads = False
    answer = await owner.get("/csv/trades.csv")
    assert answer.headers["content-disposition"] == 'attachment; filename="trades.csv"'
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.text.startswith("id,created_at,symbol")
    assert (await owner.get("/csv/passwords.csv")).status_code == 404
    owner.cookies.clear()
    assert (await owner.get("/csv/trades.csv")).headers["location"] == "/login"


async def test_a_table_that_cannot_be_had_is_no_file(owner, backend):
    backend.away = True
    answer = await owner.get("/csv/trades.csv")
    assert (answer.status_code, answer.headers["content-type"]) == (503, "text/html; charset=utf-8")


@pytest.mark.parametrize("command", COMMANDS)
async def test_each_command_is_asked_back_and_given(owner, backend, command):
    html = (await owner.get("/")).text
    dialog = re.search(rf'<dialog id="ask-{command}".*?</dialog>', html, re.S)[0]
    assert f'action="/switch/{command}"' in dialog
    answer = await owner.post(f"/switch/{command}", data={"form": form_of(html)})
    assert answer.status_code == 303
    assert ("POST", api.SWITCH[command].path) in backend.asked


@pytest.mark.parametrize("status", get_args(Status))
async def test_every_state_of_the_bot_has_its_buttons(owner, backend, status):
    backend.answers[api.STATUS.path] = backend.answers[api.STATUS.path] | {"status": status}
    html = (await owner.get("/")).text
    pressed = re.findall(r'data-open="ask-([\w-]+)"', html)
    assert pressed
    assert all(f'<dialog id="ask-{command}"' in html for command in pressed)


async def test_a_pause_says_that_stop_losses_stop_and_offers_to_buy_nothing_instead(owner):
    html = (await owner.get("/")).text
    dialog = re.search(r'<dialog id="ask-pause".*?</dialog>', html, re.S)[0]
    assert "손절과 추적 손절도 멈춥니다" in dialog
    assert 'formaction="/switch/exits-only"' in dialog
