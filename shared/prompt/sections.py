"""The prompt's sections by name; whatever came from outside enters as a number or out of a closed list (pure).

No text of the exchange, the index or an earlier reply is put in: a label, a reason or an error name could
tell the model what to do.
"""

from collections.abc import Mapping
from typing import NamedTuple

from shared.events import DecisionMade, SignalPassed, SnapshotTaken
from shared.prompt import bot_sections as bot
from shared.prompt import market_sections as market
from shared.prompt.charts import Charts
from shared.prompt.evidence import EvidenceName
from shared.prompt.fact_text import FactWriter, moment


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
    charts: Charts,
    facts: Mapping[EvidenceName, float],
    room: Room,
) -> dict[str, str]:
    """Each section's text by its name in the template."""
    fact_lines = FactWriter(snapshot.market.removeprefix("KRW-"), facts)
    return {
        "market": snapshot.market,
        "coin": fact_lines.coin,
        "at": moment(snapshot.at),
        "price": fact_lines("price"),
        "may_buy": bot.may_buy(signal, snapshot),
        "day_chart": market.chart(charts.day, room.days),
        "hour_chart": market.chart(charts.hour, room.hours),
        "minute_chart": market.chart(charts.minute, room.minutes),
        "indicators": market.indicators(charts, fact_lines),
        "book": market.book(snapshot, room.levels, fact_lines),
        "fear_greed": market.fear_greed(snapshot, fact_lines),
        "bitcoin": fact_lines("btc_correlation", "btc_beta", "btc_change_1h", "btc_change_24h", "btc_volatility"),
        "safety": market.safety(snapshot, fact_lines),
        "balances_at": moment(snapshot.balances.at),
        "portfolio": fact_lines("krw_free", "coin_free"),
        "position": bot.position(snapshot, opening, fact_lines),
        "past": bot.past(snapshot, charts.hour, room.past),
        "days": str(signal.report.days),
        "gate": bot.gate(signal, fact_lines),
    }
