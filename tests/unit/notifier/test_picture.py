"""The picture of a day is drawn of its data alone. The golden ones are looked at by a person, compared by pixels."""

import io
import os
from datetime import date, timedelta
from decimal import Decimal

import pytest
from PIL import Image, ImageChops

from services.notifier.core.picture import MarketDay, PictureDay, picture
from services.notifier.core.picture.scale import Scale
from shared.api.chart import Candle
from shared.api.portfolio import Valued
from shared.api.trades import Trade
from tests.support.builders import AT
from tests.support.golden import FOLDER

FROM, HOUR, DAY = AT.replace(hour=15) - timedelta(days=1), timedelta(hours=1), timedelta(days=1)
PATH = (0, 3, -4, 2, 6, 1, -3, -8, -2, 0, 4, 9, 7, 12, 8, 3, 5, 1, -6, -1, 2, 4, 10, 13, 11)


def market(name: str = "KRW-ETH", price: int = 4_000_000, fills: tuple[tuple[str, int], ...] = ()) -> MarketDay:
    closes = [Decimal(price) * (1000 + change) / 1000 for change in PATH]
    candles = tuple(
        Candle(
            at=FROM + n * HOUR,
            open=closes[n],
            high=max(closes[n : n + 2]) * Decimal("1.002"),
            low=min(closes[n : n + 2]) * Decimal("0.998"),
            close=closes[n + 1],
            volume=Decimal(3),
        )
        for n in range(24)
    )
    return MarketDay(name, HOUR, candles, tuple(trade(n, side, candles[n].close) for side, n in fills))


def trade(hour: int, side: str, price: Decimal) -> Trade:
    at = FROM + hour * HOUR + timedelta(seconds=20)
    sums = {"price": price, "amount": Decimal("0.0125"), "total": Decimal(50_000)}
    return Trade(id=hour, symbol="KRW-ETH", side=side, created_at=at, **sums)


WORTH = tuple(
    Valued(at=FROM + n * HOUR, total_value_krw=Decimal(1_000_000 + 400 * PATH[n]))
    for n in range(25)
    if n not in (9, 10)
)
BOUGHT_AND_SOLD = market(fills=(("buy", 7), ("sell", 13)))


def drawn(*markets: MarketDay, worth: tuple[Valued, ...] = WORTH, left_out: int = 0, mode: str = "paper") -> bytes:
    return picture(PictureDay(mode, date(2026, 1, 5), FROM, FROM + DAY, markets, left_out, worth))


def pixels(png: bytes) -> Image.Image:
    return Image.open(io.BytesIO(png)).convert("RGB")


GOLDEN = {
    "one_market": lambda: drawn(BOUGHT_AND_SOLD),
    "four_markets": lambda: drawn(
        BOUGHT_AND_SOLD, market("KRW-BTC", 140_000_000), market("KRW-XRP", 3_000), market("KRW-DOGE", 500),
        left_out=2, mode="live",
    ),
    "nothing_known": lambda: drawn(MarketDay("KRW-ETH", HOUR, (), ()), worth=WORTH[:1]),
}  # fmt: skip


@pytest.mark.parametrize("name", GOLDEN)
def test_the_golden_picture_of(name):
    png, path = GOLDEN[name](), FOLDER / "pictures" / f"{name}.png"
    if os.environ.get("UPCYCLE_GOLDEN") == "1":
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(png)
    difference = ImageChops.difference(pixels(png), pixels(path.read_bytes()))
    assert difference.getbbox() is None, f"{path} shows another picture; make golden writes it"


def test_the_same_day_is_the_same_picture_to_the_byte_and_another_day_another():
    assert drawn(BOUGHT_AND_SOLD) == drawn(BOUGHT_AND_SOLD) != drawn(market(fills=(("buy", 7),)))


def test_it_is_a_small_png_of_nine_hundred_by_six_hundred():
    png = GOLDEN["four_markets"]()
    assert pixels(png).size == (900, 600)
    assert len(png) < 100_000


@pytest.mark.parametrize("price", ["0.00001234", "1E+15", "0"])
def test_no_price_is_too_small_or_too_large_to_be_drawn(price):
    same = Candle(at=FROM, **dict.fromkeys(("open", "high", "low", "close", "volume"), Decimal(price)))
    worth = (Valued(at=FROM, total_value_krw=Decimal(price)), Valued(at=FROM + HOUR, total_value_krw=Decimal(price)))
    assert drawn(MarketDay("KRW-ETH", HOUR, (same,), ()), worth=worth)


def test_a_day_is_empty_without_a_candle_and_a_valuation():
    bare = MarketDay("KRW-ETH", HOUR, (), ())
    given = ("paper", date(2026, 1, 5), FROM, FROM + DAY)
    assert PictureDay(*given, (bare,), 0, ()).is_empty
    assert not PictureDay(*given, (bare,), 0, WORTH).is_empty
    assert not PictureDay(*given, (BOUGHT_AND_SOLD,), 0, ()).is_empty


def test_a_higher_value_stands_higher_and_round_values_are_written_beside_them():
    scale = Scale.around([3_400_000, 3_530_000], bottom=300, top=100)
    assert scale.at(3_530_000) < scale.at(3_400_000) < 300
    assert scale.ticks(4) == [3_400_000, 3_450_000, 3_500_000]
