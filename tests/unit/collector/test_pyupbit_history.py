"""pyupbit against the paper exchange: its labels, its `to`, its silence and its None."""

import threading
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from services.collector.adapters.history_backfill import backfill
from services.collector.adapters.pyupbit_history import PyupbitHours
from services.collector.ports import (
    ExchangeBusy,
    ExchangeUnreachable,
    RequestRefused,
    UnknownMarket,
    UnreadableAnswer,
)
from shared.candles import SCHEMA
from shared.history.archive import Archive
from tests.support.histories import MemoryObjects
from tests.support.paper_server import BTC, NOW, START, seat, seated

ETH, HOUR = "KRW-ETH", timedelta(hours=1)


@pytest.fixture(scope="module")
def paper(tmp_path_factory):
    """Ten days of hours, and the exchange's clock half an hour into the next one."""
    with seat() as at, seated(at, tmp_path_factory.mktemp("paper")) as server:
        server.move(NOW + timedelta(minutes=30))
        yield server


@contextmanager
def answering(status, body, headers=()):
    """An exchange that says the same to everything."""

    class Says(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response_only(status)
            for name, value in (("Content-Length", str(len(body))), *headers):
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            return

    server = HTTPServer(("127.0.0.1", 0), Says)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield PyupbitHours(f"http://127.0.0.1:{server.server_port}", retries_s=())
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


async def test_seouls_labels_become_utc_and_the_forming_hour_is_left_out(paper):
    frame = await PyupbitHours(paper.url).hours(ETH, NOW + HOUR)
    assert frame.schema == SCHEMA
    assert frame["open_time"].to_list() == [NOW - n * HOUR for n in range(199, 0, -1)]


async def test_to_is_utc_and_exclusive(paper):
    frame = await PyupbitHours(paper.url).hours(ETH, START + 3 * HOUR)
    assert frame["open_time"].to_list() == [START, START + HOUR, START + 2 * HOUR]
    prices = (await PyupbitHours(paper.url).hours("KRW-BTC", START + HOUR)).row(0)
    assert prices == (START, BTC, BTC, BTC, BTC, 5.0)


async def test_before_the_first_candle_there_is_nothing_and_that_is_no_error(paper):
    assert (await PyupbitHours(paper.url).hours(ETH, START)).is_empty()


async def test_the_exchanges_time_is_its_own(paper):
    assert await PyupbitHours(paper.url).now(ETH) == NOW + timedelta(minutes=30)


async def test_a_market_that_is_not_traded_is_named(paper):
    with pytest.raises(UnknownMarket, match="does not trade KRW-GONE"):
        await PyupbitHours(paper.url).hours("KRW-GONE", NOW)


async def test_a_history_is_filled_from_it(paper):
    archive, pages = Archive(MemoryObjects()), PyupbitHours(paper.url)
    filled = await backfill(archive, pages, ETH, end=await pages.now(ETH), span=timedelta(days=12))
    frame = await archive.candles(filled.edition.manifest.months)
    assert frame["open_time"].to_list() == [START + n * HOUR for n in range(240)]


HEAD = (("Date", "Mon, 01 Sep 2025 12:00:00 GMT"), ("Remaining-Req", "group=candles; min=600; sec=9"))
CANDLE = (
    b'{"market":"KRW-ETH","candle_date_time_utc":"2025-08-31T23:00:00","candle_date_time_kst":"2025-09-01T08:00:00",'
    b'"opening_price":%s,"high_price":2,"low_price":1,"trade_price":2,"candle_acc_trade_price":1,'
    b'"candle_acc_trade_volume":1}'
)


@pytest.mark.parametrize(
    ("status", "body", "headers", "error"),
    [
        (429, b"Too many API requests.", HEAD, ExchangeBusy),  # plain text, which pyupbit cannot read
        (418, b'{"error":{"name":418,"message":"blocked"}}', HEAD, ExchangeBusy),
        (503, b"<html>maintenance</html>", HEAD, ExchangeBusy),
        (404, b'{"error":{"name":404,"message":"Code not found"}}', HEAD, UnknownMarket),
        (404, b'{"detail":"Not Found"}', HEAD, ExchangeUnreachable),  # some other server
        (404, b"<html>", HEAD, ExchangeUnreachable),
        (403, b"<html>", HEAD, ExchangeUnreachable),
        (400, b'{"error":{"name":400,"message":"wrong"}}', HEAD, RequestRefused),
        (302, b"", (*HEAD, ("Location", "https://example.org")), ExchangeUnreachable),
        (200, b"<html>", HEAD, UnreadableAnswer),
        (200, b"[" * 100_000, HEAD, UnreadableAnswer),
        (200, b"[]", (*HEAD, ("Content-Encoding", "gzip")), ExchangeUnreachable),  # and is none
        (200, b"[" + CANDLE % b"1" + b"]", HEAD[1:], UnreadableAnswer),  # no Date: what has closed is not known
        (200, b"[" + CANDLE % b"3" + b"]", HEAD, UnreadableAnswer),  # an impossible bar
        (200, b"[" + CANDLE % b"null" + b"]", HEAD, UnreadableAnswer),
        (200, b"[" + CANDLE % b"-1" + b"]", HEAD, UnreadableAnswer),
    ],
)
async def test_every_trouble_has_its_name(status, body, headers, error):
    with answering(status, body, headers) as pages, pytest.raises(error):
        await pages.hours(ETH, datetime(2025, 9, 1, tzinfo=UTC))


@pytest.mark.parametrize(
    "told",
    [None, "", "sec=9", "group=candles; sec=9", "group=candles;min=600;sec=9", "Group=candles; min=600; sec=9",
     "group=candle2; min=600; sec=9", "group=candles; min=600; sec=-1", "sec=" + 500 * "9"],
)  # fmt: skip
async def test_good_hours_are_lost_by_no_form_of_the_header_beside_them(told):
    headers = HEAD[:1] if told is None else (*HEAD[:1], ("Remaining-Req", told))
    with answering(200, b"[" + CANDLE % b"1" + b"]", headers) as pages:
        assert len(await pages.hours(ETH, datetime(2025, 9, 1, tzinfo=UTC))) == 1


@pytest.mark.parametrize(
    "odd", [CANDLE % b"null", CANDLE % b"0", CANDLE % b"9", b"null", b"7", (CANDLE % b"1").replace(b"T08", b"T07")]
)
async def test_a_bad_hour_is_left_out_and_counted_and_the_others_count(odd):
    older = (CANDLE % b"1").replace(b"T23", b"T22").replace(b"T08", b"T07")
    with answering(200, b"[" + odd + b"," + older + b"," + older + b"]", HEAD) as pages:
        frame = await pages.hours(ETH, datetime(2025, 9, 1, tzinfo=UTC))
        assert pages._odd._logged_at.keys() == {"hour"}
    assert frame["open_time"].to_list() == [datetime(2025, 8, 31, 22, tzinfo=UTC)]


async def test_an_hour_at_a_months_border_and_one_that_comes_twice(capsys):
    body = b"[" + CANDLE % b"1" + b"," + CANDLE % b"1" + b"]"
    with answering(200, body, HEAD) as pages:
        frame = await pages.hours(ETH, datetime(2025, 9, 1, tzinfo=UTC))
    assert frame["open_time"].to_list() == [datetime(2025, 8, 31, 23, tzinfo=UTC)]
    assert capsys.readouterr() == ("", "")


async def test_no_connection_and_no_answer_in_time_are_told():
    with pytest.raises(ExchangeUnreachable, match="ConnectionError"):
        await PyupbitHours("http://127.0.0.1:9", retries_s=()).hours(ETH, NOW)
    with answering(200, b"[]", HEAD) as pages:
        slow = PyupbitHours(pages._base_url, retries_s=(), call_s=0.0)
        with pytest.raises(ExchangeUnreachable, match="within 0 s"):
            await slow.hours(ETH, NOW)


async def test_who_is_busy_is_asked_again(monkeypatch):
    with answering(503, b"busy", HEAD) as pages:
        patient = PyupbitHours(pages._base_url, retries_s=(0.0, 0.0))
        asked = []
        once = patient._page
        monkeypatch.setattr(patient, "_page", lambda *a: asked.append(a) or once(*a))
        with pytest.raises(ExchangeBusy):
            await patient.hours(ETH, NOW)
    assert len(asked) == 3


def test_pyupbits_own_transport_is_back_after_a_call(paper):
    import requests
    from pyupbit import request_api

    assert request_api.requests is requests
