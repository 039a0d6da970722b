"""The names the backend may be called by."""

import pytest

from shared.hosts import is_known


@pytest.mark.parametrize(
    "host",
    ["localhost", "localhost:8000", "127.0.0.1:8000", "[::1]:8000", "[::1]", "192.168.0.7:80", "backend:8000",
     "LOCALHOST", "upcycle.localhost:8000", "bot.example.com", "Bot.Example.com:443", "bot.example.com."],
)  # fmt: skip
def test_numbers_names_of_this_network_and_named_ones_are_known(host):
    assert is_known(host, ("bot.example.com",))


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:8000", "127.0.0.1.evil.example", "localhost.evil.example", "x.bot.example.com",
     "evil.localhost.example", "[::1", "[evil.example]", "a@evil.example", "256.1.1.1"],
)  # fmt: skip
def test_any_other_name_is_not(host):
    assert not is_known(host, ("bot.example.com",))


async def test_a_page_that_rebinds_its_name_reads_nothing(running):
    answer = await running.api.get("/api/portfolio", headers={"Host": "evil.example:8000"})
    assert answer.status_code == 421
    assert "API_HOSTS" in answer.json()["detail"]
    assert (await running.api.get("/api/portfolio", headers={"Host": "backend:8000"})).status_code == 200
