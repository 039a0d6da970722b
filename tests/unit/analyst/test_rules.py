"""When the votes make a decision, how sure it is, and what it says."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import polars as pl
import pytest

from services.analyst.adapters.rules_model import RulesModel
from services.analyst.core.rules import opinion
from shared.candle_arrays import CandleArrays
from shared.candle_frame import CandleFrame, CandleWindow
from shared.candles import SCHEMA
from shared.catalogue import sentence
from tests.support.builders import snapshot
from tests.support.shapes import BREAK, DIP, NO_DAYS, RALLY, START, WAVE, window

DAY_MS = 86_400_000


def days(close):
    return window([close] * 20, unit=timedelta(days=1))


def test_oversold_is_bought_and_says_its_numbers():
    told = opinion(window(DIP), NO_DAYS)
    assert (told.decision, told.why.code, told.analyst) == ("buy", "RULES_OVERSOLD", "rules")
    assert sentence(told.why, "ko") == "RSI 과매도 구간 진입 (RSI 13.7, 볼린저 %b -0.04, 스토캐스틱 2.2, 거래량 1.0배)"


def test_overbought_is_sold():
    told = opinion(window(RALLY), NO_DAYS)
    assert (told.decision, told.why.code) == ("sell", "RULES_OVERBOUGHT")
    assert sentence(told.why, "ko") == "RSI 과매수 구간 진입 (RSI 86.2, 볼린저 %b 1.05, 스토캐스틱 97.8, 거래량 1.0배)"


def test_the_hour_that_breaks_the_trend_is_sold():
    codes = [opinion(window(BREAK[:n]), NO_DAYS).why.code for n in range(len(BREAK) - 10, len(BREAK) + 1)]
    assert codes.count("RULES_TREND_BREAK") == 1
    broken = opinion(window(BREAK[: len(BREAK) - 10 + codes.index("RULES_TREND_BREAK")]), NO_DAYS)
    assert broken.decision == "sell"
    assert (
        sentence(broken.why, "ko")
        == "상승 추세 이탈 (50시간 평균 대비 ATR -0.26배, MACD 히스토그램 ATR -0.50배, 거래량 1.0배)"
    )


def test_a_quiet_market_is_held_and_says_so():
    told = opinion(window(WAVE), days(1000))
    assert (told.decision, told.confidence, told.why.code) == ("hold", None, "RULES_NO_MAJORITY")
    assert sentence(told.why, "ko") == "뚜렷한 신호 없음 (RSI 49.9, 볼린저 %b 0.50, 스토캐스틱 61.1, 거래량 1.0배)"


@pytest.mark.parametrize("rows", [0, 1, 14, 99])
def test_too_few_candles_are_a_hold_that_says_how_many(rows):
    told = opinion(window(DIP)[:rows], NO_DAYS)
    assert (told.decision, told.confidence, told.why.code) == ("hold", None, "RULES_TOO_FEW_CANDLES")
    assert sentence(told.why, "ko") == f"시간봉 {rows}개뿐이라 판단 보류 (최소 100개 필요)"


def test_a_market_that_stands_still_is_held():
    moving = window([1000] * 150)
    still = replace(moving, high=moving.close, low=moving.close, volume=0 * moving.volume)
    told = opinion(still, NO_DAYS)
    assert (told.decision, sentence(told.why, "ko")) == ("hold", "뚜렷한 신호 없음 (지표 없음)")


@pytest.mark.parametrize(
    ("closes", "volume", "daily", "confidence"),
    [
        (DIP, 1.0, 2000, "medium"),  # RSI is far below 25
        (DIP, 2.0, 2000, "high"),
        (DIP, 1.0, 500, "high"),  # a dip in a market that rises
        (RALLY, 1.0, 500, "medium"),
        (RALLY, 2.0, 2000, "high"),
    ],
)
def test_confidence_steps_up_with_each_thing_that_agrees(closes, volume, daily, confidence):
    assert opinion(window(closes, last_volume=volume), days(daily)).confidence == confidence


def framed(hours, daily):
    """A snapshot's candles; windows as the collector packs them."""
    return CandleFrame.pack(
        [
            (CandleWindow(market="KRW-ETH", unit_min=60, rows=len(hours)), hours),
            (CandleWindow(market="KRW-ETH", unit_min=1440, rows=len(daily)), daily),
        ]
    )


async def test_a_candle_of_the_future_is_never_seen():
    hours = window(DIP)
    at = START + timedelta(hours=len(hours))
    later = window([*DIP, 2000, 3000])
    daily = replace(days(500), opened=days(500).opened - 20 * DAY_MS)  # its last closed at START
    for last_day in (daily, CandleArrays.join([daily, window([9e9] * 8, unit=timedelta(days=1))[6:]])):
        seen = await RulesModel().decide(snapshot(at=at, candles=framed(later, last_day)), may_buy=True)
        assert seen == opinion(hours, daily)


async def test_a_snapshot_without_daily_candles_is_decided_all_the_same():
    hours = window(DIP)
    at = START + timedelta(hours=len(hours))
    candles = CandleFrame.pack([(CandleWindow(market="KRW-ETH", unit_min=60, rows=len(hours)), hours)])
    seen = await RulesModel().decide(snapshot(at=at, candles=candles, price=Decimal(955)), may_buy=False)
    assert seen == opinion(hours, NO_DAYS)


@pytest.mark.slow
@pytest.mark.parametrize("market", ["KRW-ETH", "KRW-BTC"])
def test_real_months_hold_a_handful_of_buys_and_sells(data_dir, market):
    read = pl.read_parquet(data_dir / "candles" / f"upbit_{market}_1h_2023-07_2024-12.parquet")
    frame = read.rename({"ts": "open_time"}).select(SCHEMA.names())
    hours = CandleArrays.of(frame)[-(91 * 24) :]  # a quarter
    buys, sells, held = 0, 0, False
    for end in range(200, len(hours) + 1):
        match opinion(hours[end - 200 : end], NO_DAYS).decision:
            case "buy":
                buys, held = buys + 1, True
            case "sell" if held:
                sells, held = sells + 1, False
    assert 6 <= buys <= 60
    assert 3 <= sells <= 30
