"""TA-Lib's functions for plain arrays, without all that it loads beside them (pure).

Its own import takes a second and 60 MB where pandas and polars are installed, and wraps each function for their series.
No series is given to it here, so it finds neither.
"""

from shared.not_installed import not_installed

with not_installed("pandas", "polars"):
    from talib._ta_lib import BBANDS, EMA, MA, MACD, MAX, MIN, RSI, SMA, MA_Type

__all__ = ["BBANDS", "EMA", "MA", "MACD", "MAX", "MIN", "RSI", "SMA", "MA_Type"]
