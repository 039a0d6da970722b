"""The owner's own sale of what the bot holds in a market."""

from pydantic import Field

from shared.api.shape import Number, Shape, Time


class Sale(Shape):
    """What would be sold now, at the bids the exchange shows; nothing is ordered by looking."""

    id: str = Field(description="to be sent back with the sale; its cycle will bear this name")
    market: str
    at: Time = Field(description="the exchange's time of the bids")
    valid_until: Time = Field(description="later the sale is refused: look again")
    amount: Number = Field(description="the bot's own position, never the owner's other coins; at most this is sold")
    order: Number = Field(description="what one order takes within slippage_max; less where the book is thin")
    bid: Number = Field(description="the best bid")
    price: Number = Field(description="expected, on average")
    slippage: float = Field(description="of price against the best bid; a share")
    slippage_max: float
    total: Number = Field(description="won expected, fee taken off")
    fee: Number
    profit: Number = Field(description="total less what was paid for these coins, fees in")
    obstacle: str = Field(description="why it would not be sold now, in the owner's language; empty where it would")


class SaleRequest(Shape):
    """The executor carries it out; its end is that of the cycle."""

    cycle: str
    market: str
    amount: Number
    price: Number = Field(description="the best bid when it was asked for")
    by: str
    at: Time
