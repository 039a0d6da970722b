"""The prompt's sections by name; whatever came from outside enters as a number or out of a closed list (pure).

No text of the exchange, the index or an earlier reply is put in: a label, a reason or an error name could
tell the model what to do.
"""

from collections.abc import Mapping
from typing import NamedTuple

from services.analyst.core import bot_sections as bot
from services.analyst.core import market_sections as market
from services.analyst.core.charts import Charts
from services.analyst.core.evidence import EvidenceName
from services.analyst.core.telling import Teller, moment
from shared.events import DecisionMade, SignalPassed, SnapshotTaken


class Room(NamedTuple):
    """How much of what may be cut is shown."""

    minutes: int
    days: int
    hours: int
    levels: int
    past: int


# Tried in this order: the 15-minute chart gives way first, then days, hours, the order book, the last cycles.
ROOMS = (
    Room(32, 30, 48, 10, 5),
    Room(16, 30, 48, 10, 5),
    Room(8, 30, 48, 10, 5),
    Room(8, 14, 48, 10, 5),
    Room(8, 14, 24, 10, 5),
    Room(8, 14, 24, 5, 5),
    Room(8, 14, 24, 5, 2),
    Room(4, 7, 12, 3, 2),
)


def sections(
    snapshot: SnapshotTaken,
    signal: SignalPassed,
    opening: DecisionMade | None,
    seen: Charts,
    known: Mapping[EvidenceName, float],
    room: Room,
) -> dict[str, str]:
    """Each section's text by its name in the template."""
    tell = Teller(snapshot.market.removeprefix("KRW-"), known)
    return {
        "market": snapshot.market,
        "coin": tell.coin,
        "at": moment(snapshot.at),
        "price": tell("price"),
        "may_buy": bot.may_buy(signal, snapshot),
        "day_chart": market.chart(seen.day, room.days),
        "hour_chart": market.chart(seen.hour, room.hours),
        "minute_chart": market.chart(seen.minute, room.minutes),
        "indicators": market.indicators(seen, tell),
        "book": market.book(snapshot, room.levels, tell),
        "fear_greed": market.fear_greed(snapshot, tell),
        "bitcoin": tell("btc_correlation", "btc_beta", "btc_change_1h", "btc_change_24h", "btc_volatility"),
        "safety": market.safety(snapshot, tell),
        "balances_at": moment(snapshot.balances.at),
        "portfolio": tell("krw_free", "coin_free"),
        "position": bot.position(snapshot, opening, tell),
        "past": bot.past(snapshot, seen.hour, room.past),
        "days": str(signal.report.days),
        "gate": bot.gate(signal, tell),
    }
