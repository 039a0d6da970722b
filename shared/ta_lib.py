"""TA-Lib's functions for plain arrays, without all that it loads beside them (pure).

Its own import takes a second and 60 MB where pandas and polars are installed, and wraps each function for their series.
No series is given to it here, so it finds neither.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def _not_installed(*names: str) -> Iterator[None]:
    """Importing one of these fails meanwhile, whether it is loaded or not."""
    loaded = {name: sys.modules[name] for name in names if name in sys.modules}
    sys.modules.update(dict.fromkeys(names))  # type: ignore[arg-type]  # None is how the language says it
    try:
        yield
    finally:
        for name in names:
            del sys.modules[name]
        sys.modules.update(loaded)


with _not_installed("pandas", "polars"):
    from talib._ta_lib import BBANDS, EMA, MA, MACD, MAX, MIN, RSI, SMA, MA_Type

__all__ = ["BBANDS", "EMA", "MA", "MACD", "MAX", "MIN", "RSI", "SMA", "MA_Type"]
