"""The exchange's account held against the bot's books, and how long its key still works."""

from pydantic import Field

from shared.api.shape import Number, Shape, Time


class AccountCoin(Shape):
    """A coin on the account, free and locked. beside: all of it that is not the bot's own."""

    symbol: str
    account: Number
    beside: Number | None = Field(
        description="below 0: the books hold what the account lacks; null while an order's outcome is not known"
    )


class Account(Shape):
    """As the last valuation found it; before the first one all is null or empty."""

    valued_at: Time | None
    coins: tuple[AccountCoin, ...]
    left_out: tuple[str, ...] = Field(description="markets whose coin or price could not be read then")
    key_expires_at: Time | None = Field(description="by the exchange's word; null where it was not known then")
