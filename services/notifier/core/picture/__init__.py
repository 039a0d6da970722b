"""The day in one picture, for a phone that reaches no page: candles with fills, and what the account was worth (pure).

day.py      what stands on it, and where
panes.py    a market's candles; the account
scale.py    where a value stands
canvas.py   the sheet
"""

from services.notifier.core.picture.day import MARKETS_MAX, PictureDay, picture
from services.notifier.core.picture.panes import MarketDay

__all__ = ["MARKETS_MAX", "MarketDay", "PictureDay", "picture"]
