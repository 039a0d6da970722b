"""What the backend answers is what the picture of a report needs: the whole day and nothing beside it."""

from datetime import timedelta

from services.notifier import report_picture
from services.notifier.adapters.backend_api import BackendApi
from services.notifier.core.picture import picture
from services.notifier.report_picture import ReportPicture
from tests.support.builders import fill, report_ready, valued
from tests.unit.backend.test_candles import HOUR, hour

REPORT = report_ready()
CYCLE = "KRW-ETH-20260105T0300Z"  # on the day


async def test_the_days_candles_fills_and_valuations_come_whole(running, monkeypatch):
    drawn = []
    monkeypatch.setattr(report_picture, "picture", lambda day: drawn.append(day) or picture(day))
    worth = [valued(at) for at in (REPORT.from_at - HOUR, REPORT.from_at, REPORT.to_at, REPORT.to_at + HOUR)]
    after = hour(REPORT.to_at + HOUR, rows=41)
    await running.booked(*hour(REPORT.to_at), *after, fill(cycle=CYCLE, executed_at=REPORT.from_at + HOUR), *worth)
    maker = ReportPicture(BackendApi(running.api, "http://backend", None), "paper", ("KRW-ETH", "KRW-BTC"))
    assert (await maker(REPORT)).startswith(b"\x89PNG")
    (day,) = drawn
    eth, btc = day.markets
    assert [candle.at for candle in eth.candles] == [REPORT.from_at + n * HOUR for n in range(24)]
    assert [(trade.side, trade.created_at) for trade in eth.fills] == [("buy", REPORT.from_at + HOUR)]
    assert [value.at for value in day.worth] == [REPORT.from_at, REPORT.to_at]
    assert (btc.candles, btc.fills, eth.interval) == ((), (), timedelta(hours=1))
