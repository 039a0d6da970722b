"""The names of the numbers an analyst may cite, and the unit of each (pure).

One catalogue, so that the prompt shows, the schema allows and the verdict checks the same names.
"""

from enum import StrEnum
from functools import cache


class EvidenceName(StrEnum):
    """`_day`, `_hour`, `_minute`: of the last closed day, hour and 15-minute candle."""

    PRICE = "price"
    SPREAD = "spread"
    BID_DEPTH = "bid_depth"
    ASK_DEPTH = "ask_depth"
    BOOK_IMBALANCE = "book_imbalance"
    FEAR_GREED = "fear_greed"

    BTC_CORRELATION = "btc_correlation"
    BTC_BETA = "btc_beta"
    BTC_CHANGE_1H = "btc_change_1h"
    BTC_CHANGE_24H = "btc_change_24h"
    BTC_VOLATILITY = "btc_volatility"
    CRASH_FALL = "crash_fall"
    CRASH_SIGMA = "crash_sigma"

    GATE_WIN_RATE = "gate_win_rate"
    GATE_DRAWDOWN = "gate_drawdown"
    GATE_TRADES = "gate_trades"
    GATE_EXPECTANCY = "gate_expectancy"
    GATE_TOTAL_RETURN = "gate_total_return"

    KRW_FREE = "krw_free"
    COIN_FREE = "coin_free"
    POSITION_VOLUME = "position_volume"
    POSITION_COST = "position_cost"
    POSITION_PRICE = "position_price"
    POSITION_RETURN = "position_return"
    POSITION_AGE = "position_age"

    RSI_DAY = "rsi_day"
    MACD_DAY = "macd_day"
    MACD_SIGNAL_DAY = "macd_signal_day"
    MACD_HISTOGRAM_DAY = "macd_histogram_day"
    BOLLINGER_DAY = "bollinger_day"
    BOLLINGER_UPPER_DAY = "bollinger_upper_day"
    BOLLINGER_LOWER_DAY = "bollinger_lower_day"
    STOCHASTIC_K_DAY = "stochastic_k_day"
    STOCHASTIC_D_DAY = "stochastic_d_day"
    ATR_DAY = "atr_day"
    SMA_5_DAY = "sma_5_day"
    SMA_20_DAY = "sma_20_day"
    SMA_50_DAY = "sma_50_day"
    SMA_120_DAY = "sma_120_day"
    EMA_12_DAY = "ema_12_day"
    EMA_26_DAY = "ema_26_day"
    VOLUME_RATIO_DAY = "volume_ratio_day"
    VOLUME_TREND_DAY = "volume_trend_day"
    RETURN_1_DAY = "return_1_day"
    RETURN_24_DAY = "return_24_day"

    RSI_HOUR = "rsi_hour"
    MACD_HOUR = "macd_hour"
    MACD_SIGNAL_HOUR = "macd_signal_hour"
    MACD_HISTOGRAM_HOUR = "macd_histogram_hour"
    BOLLINGER_HOUR = "bollinger_hour"
    BOLLINGER_UPPER_HOUR = "bollinger_upper_hour"
    BOLLINGER_LOWER_HOUR = "bollinger_lower_hour"
    STOCHASTIC_K_HOUR = "stochastic_k_hour"
    STOCHASTIC_D_HOUR = "stochastic_d_hour"
    ATR_HOUR = "atr_hour"
    SMA_5_HOUR = "sma_5_hour"
    SMA_20_HOUR = "sma_20_hour"
    SMA_50_HOUR = "sma_50_hour"
    SMA_120_HOUR = "sma_120_hour"
    EMA_12_HOUR = "ema_12_hour"
    EMA_26_HOUR = "ema_26_hour"
    VOLUME_RATIO_HOUR = "volume_ratio_hour"
    VOLUME_TREND_HOUR = "volume_trend_hour"
    RETURN_1_HOUR = "return_1_hour"
    RETURN_24_HOUR = "return_24_hour"

    RSI_MINUTE = "rsi_minute"
    MACD_MINUTE = "macd_minute"
    MACD_SIGNAL_MINUTE = "macd_signal_minute"
    MACD_HISTOGRAM_MINUTE = "macd_histogram_minute"
    BOLLINGER_MINUTE = "bollinger_minute"
    BOLLINGER_UPPER_MINUTE = "bollinger_upper_minute"
    BOLLINGER_LOWER_MINUTE = "bollinger_lower_minute"
    STOCHASTIC_K_MINUTE = "stochastic_k_minute"
    STOCHASTIC_D_MINUTE = "stochastic_d_minute"
    ATR_MINUTE = "atr_minute"
    SMA_5_MINUTE = "sma_5_minute"
    SMA_20_MINUTE = "sma_20_minute"
    SMA_50_MINUTE = "sma_50_minute"
    SMA_120_MINUTE = "sma_120_minute"
    EMA_12_MINUTE = "ema_12_minute"
    EMA_26_MINUTE = "ema_26_minute"
    VOLUME_RATIO_MINUTE = "volume_ratio_minute"
    VOLUME_TREND_MINUTE = "volume_trend_minute"
    RETURN_1_MINUTE = "return_1_minute"
    RETURN_24_MINUTE = "return_24_minute"


_UNITS = {
    unit: stems.split()
    for unit, stems in {
        "of 0-100": "rsi stochastic_k stochastic_d fear_greed",
        "share": "spread book_imbalance btc_change_1h btc_change_24h btc_volatility crash_fall gate_win_rate "
        "gate_drawdown gate_expectancy gate_total_return position_return return_1 return_24",
        "of the band: 0 lower edge, 1 upper edge": "bollinger",
        "times the usual": "volume_ratio volume_trend",
        "without unit": "btc_correlation btc_beta",
        "standard deviations": "crash_sigma",
        "trades": "gate_trades",
        "hours": "position_age",
    }.items()
}
_UNIT_OF = {stem: unit for unit, stems in _UNITS.items() for stem in stems}
_COINS = {EvidenceName.COIN_FREE, EvidenceName.POSITION_VOLUME}


@cache
def unit_of(name: EvidenceName, coin: str) -> str:
    """What a value of that name is counted in; a share of 0.01 is 1 %."""
    if name in _COINS:
        return coin
    return _UNIT_OF.get(name.removesuffix("_day").removesuffix("_hour").removesuffix("_minute"), "KRW")
