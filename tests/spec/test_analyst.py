"""OWNER.md, step 5: AI (chart + indicators + order book + fear & greed + BTC correlation → buy/sell/hold)."""

import pytest

from shared.prompt.advice import SCHEMA
from shared.prompt.build import build
from shared.prompt.templates import load_template
from tests.support.builders import passed, snapshot
from tests.support.looks import charts

HIS_PARTS = {
    "chart, day": "2026-01-04 00:00 ",
    "chart, hour": "2026-01-05 02:00 ",
    "chart, minute": "2026-01-05 02:45 ",
    "RSI": "rsi_hour = ",
    "MACD": "macd_hour = ",
    "Bollinger": "bollinger_upper_hour = ",
    "ATR": "atr_hour = ",
    "moving averages": "sma_20_hour = ",
    "stochastic": "stochastic_k_hour = ",
    "volume": "volume_ratio_hour = ",
    "order book": "4000000 0.5 | 3999000 0.5",
    "fear and greed": "## Fear and greed index",
    "BTC correlation": "btc_correlation = 0.8",
    "balances": "krw_free = 1000000 KRW",
}


@pytest.mark.parametrize("part", HIS_PARTS)
def test_prepare_analysis_data_holds(part):
    made = build(snapshot(candles=charts()), passed(), template=load_template(), count=len, tokens_max=10**6)
    assert HIS_PARTS[part] in made.user


def test_the_answer_is_buy_sell_or_hold_with_high_medium_or_low_confidence():
    fields = SCHEMA["properties"]
    assert fields["decision"]["enum"] == ["buy", "sell", "hold"]
    assert fields["confidence"]["enum"] == ["high", "medium", "low"]
    assert {"decision", "confidence", "reason"} <= set(SCHEMA["required"])
