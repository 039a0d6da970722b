"""What a sale of the bot's position would bring, and when the owner may ask for it (pure)."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from services.backend.core.commands import NotNow
from shared.api.sale import Sale
from shared.api.shape import number
from shared.catalogue import risk, sentence
from shared.events import OrderBook, Position
from shared.reason import Reason
from shared.sale_step import sale_step
from shared.switch import SELLS, Status
from shared.types import CycleId, Krw, Language, Market, UtcTime, exit_cycle, slot_time, split_cycle
from shared.venue import MIN_TOTAL, fee, walk_sell

VALID = timedelta(minutes=2)  # what the owner was shown is no longer true after that
_AHEAD = timedelta(seconds=5)  # the exchange's servers do not agree on the second


@dataclass(frozen=True, slots=True)
class Bids:
    """A book of the exchange. at: its clock; the book's own time is that of its last change."""

    at: UtcTime
    book: OrderBook


def sale(market: Market, held: Position, bids: Bids, status: Status, slippage_max: Decimal, language: Language) -> Sale:
    """held: something. Raises NotNow where nobody bids."""
    levels = bids.book.levels
    best = levels[0].bid_price
    volume, _ = sale_step(levels, held.volume, slippage_max)
    walk = walk_sell(levels, volume)
    if walk.average is None:
        raise NotNow(f"nobody bids for {market} now; look again")
    cost = held.cost * walk.volume / held.volume
    no, paid = _obstacle(status, Krw(held.volume * best)), fee(walk.funds)
    return Sale(
        id=exit_cycle(market, bids.at, "sale"),
        market=market,
        at=bids.at,
        valid_until=bids.at + VALID,
        amount=held.volume,
        order=volume,
        bid=best,
        price=walk.average,
        slippage=float(1 - walk.average / best),
        slippage_max=float(slippage_max),
        total=Krw(walk.funds - paid),
        fee=paid,
        profit=Krw(walk.funds - paid - cost),
        obstacle=sentence(no, language) if no else "",
    )


def must_be_held(market: Market, held: Position | None) -> Position:
    """Raises NotNow. Of a position that no cycle opened an exit could not say which one it is for."""
    if held is None or held.volume <= 0 or held.opened_by is None:
        raise NotNow(f"the bot holds nothing of {market}, so there is nothing to sell")
    return held


def must_be_of(market: Market, id: CycleId) -> UtcTime:
    """When the sale of an id was shown. Raises NotNow where it is none of this market."""
    try:
        its, slot = split_cycle(id)
        at = slot_time(slot)
    except (ValueError, OverflowError):
        its, at = "", None
    if its != market or at is None or not id.endswith("-sale"):
        raise NotNow(f"{id} is no sale of {market}; look at what would be sold first")
    return at


def must_be_allowed(
    market: Market, shown_at: UtcTime, amount: Decimal, held: Position, bids: Bids, status: Status
) -> None:
    """Raises NotNow where what the owner was shown is not what would be sold, or the bot sells nothing."""
    if status not in SELLS:
        raise NotNow(
            f"the bot is {status} and refuses every order; "
            + ("exits-only lets it sell, and " if status == "paused" else "")
            + "upcycle panic --sell sells all it holds"
        )
    age = bids.at - shown_at
    if not -_AHEAD <= age <= VALID:
        raise NotNow(f"what would be sold was shown {age.total_seconds():.0f} s ago, which is too long; look again")
    if number(amount) != number(held.volume):
        raise NotNow(f"the bot holds {held.volume} of {market} now, and {amount} was shown; look again")
    if no := _obstacle(status, Krw(held.volume * bids.book.levels[0].bid_price)):
        raise NotNow(sentence(no, "en"))


def _obstacle(status: Status, value: Krw) -> Reason | None:
    """What our own rules would object to, as far as it can be seen from outside the account."""
    if status == "stopped":
        return risk.BOT_STOPPED.because()
    if status == "paused":
        return risk.BOT_PAUSED.because()
    return risk.BELOW_MINIMUM.because({"value": value, "least": MIN_TOTAL}) if value < MIN_TOTAL else None
