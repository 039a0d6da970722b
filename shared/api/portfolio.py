"""What the account is worth."""

from pydantic import Field

from shared.api.shape import Number, Shape, Time


class Coin(Shape):
    """A coin on the account, and of it what the bot itself bought and still holds."""

    symbol: str
    coin_balance: Number
    coin_price: Number
    value: Number
    bot_amount: Number
    bot_cost: Number = Field(description="paid for bot_amount, fees in, average cost")
    unrealised: Number = Field(description="bot_amount at coin_price less bot_cost")


class Valued(Shape):
    at: Time
    total_value_krw: Number


class Portfolio(Shape):
    """The account as last valued, with the bot's own trades since; before that all is null or empty."""

    valued_at: Time | None = Field(description="of the prices; balances hold the bot's trades after it, too")
    krw_balance: Number | None
    total_value_krw: Number | None
    coins: tuple[Coin, ...]
    realised: Number = Field(description="profit of all sales so far, fees in")
    unrealised: Number
    history: tuple[Valued, ...] = Field(description="newest first, one an hour")
