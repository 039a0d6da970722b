"""The token goes in once and comes out nowhere."""

import json

import pytest

from tests.e2e_page.conftest import SCREENS, Look, sign_in


def test_the_token_is_in_no_page_address_or_store_of_the_browser(bot, seen):
    page, asked = seen(Look(), owner=False), []
    page.on("request", lambda request: asked.append((request.method, request.url, json.dumps(request.all_headers()))))
    sign_in(page, bot.token)
    for path in SCREENS.values():
        page.goto(path.format(cycle=bot.last_cycle))
        assert bot.token not in page.content()
    kept = page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie, location.href])")
    assert bot.token not in kept
    assert [a for a in asked if bot.token in a[1] + a[2]] == []
    (cookie,) = (c for c in page.context.cookies() if c["name"] == "upcycle")
    assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Strict")
    assert bot.token not in json.dumps(page.context.cookies())


def test_the_token_is_in_no_log_of_the_bot(bot):
    logs = list((bot.settings.data_dir / "logs").iterdir())
    assert "page.log" in {log.name for log in logs}
    assert [log.name for log in logs if bot.token in log.read_text(errors="replace")] == []


@pytest.mark.parametrize("command", ["pause", "stop"])
def test_a_form_of_another_page_switches_nothing(bot, seen, heard, command):
    page = seen()
    page.goto("/")
    for form in ("", "x" * 43):
        answer = page.request.post(f"/switch/{command}", form={"form": form})
        assert answer.status == 403
    assert bot.status == "running"
