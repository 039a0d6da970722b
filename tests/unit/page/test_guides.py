"""The guides of the repository, read on the page."""

import re
from urllib.parse import unquote

import pytest

from services.page.adapters.guide_files import GuideFiles
from services.page.core.guide import GUIDES, html
from services.page.core.words import WORDS


async def read(browser, path, language="ko"):
    return await browser.get(path, headers={"Cookie": f"language={language}"})


@pytest.mark.parametrize("language", ["ko", "en"])
async def test_every_guide_is_there_and_each_link_into_one_finds_its_place(browser, language):
    texts = {name: (await read(browser, f"/guide/{name}", language)).text for name in GUIDES}
    for text in texts.values():
        for name, place in re.findall(r'href="/guide/([a-z]+)(?:#([^"]+))?"', text):
            assert name in GUIDES
            assert not place or f'id="{unquote(place)}"' in texts[name]


async def test_a_guide_can_be_read_while_the_backend_is_away(browser, backend):
    assert WORDS["running"].ko in (await read(browser, "/guide/user")).text
    backend.away = True
    browser.app.state.page.backend._last.clear()
    answer = await read(browser, "/guide/user")
    assert (answer.status_code, WORDS["away"].ko in answer.text) == (200, True)


async def test_more_leads_to_them_by_their_titles(browser):
    assert '<a class="go" href="/guide/user">사용 안내</a>' in (await read(browser, "/more")).text


async def test_a_guide_that_is_not_there_is_not_shown(browser, monkeypatch):
    monkeypatch.setattr(GuideFiles, "read", lambda *_: None)
    assert (await read(browser, "/guide/user")).status_code == 404
    assert "/guide/" not in (await read(browser, "/more")).text


@pytest.mark.parametrize("name", ["..%2Fuser", "PAPER", "changing", "user.md"])
async def test_no_other_file_is_read(browser, name):
    assert (await read(browser, f"/guide/{name}")).status_code == 404


def test_a_guide_holds_no_html_no_picture_and_no_link_to_other_files():
    told = html("# A\n\n[b](../b.py) [c](page.en.md#d) <i>x</i> ![e](f.png)\n\n| g |\n| - |\n| h |\n", "table")
    assert '<h1 id="a">A</h1>' in told
    assert '<p>b <a href="/guide/page#d">c</a> &lt;i&gt;x&lt;/i&gt; </p>' in told
    assert '<div class="scroll" tabindex="0" role="group" aria-label="table"><table>' in told
