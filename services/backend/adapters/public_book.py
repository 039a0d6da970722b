"""The exchange's public order book, which anybody may see: no key is needed, and none is here."""

from dataclasses import dataclass

import httpx

from services.backend.core.sale import Bids
from shared.errors import Transient
from shared.parsing import BadValue, date_of, parse_json
from shared.types import Market
from shared.upbit_answers import order_book


class NoBook(Transient):
    """The exchange shows no book now, or none that can be read."""


@dataclass(frozen=True, slots=True)
class PublicBook:
    """client: with the exchange's address."""

    client: httpx.AsyncClient

    async def __call__(self, market: Market) -> Bids:
        try:
            answer = await self.client.get("/v1/orderbook", params={"markets": market})
            if answer.status_code != httpx.codes.OK:
                raise NoBook(f"the exchange shows no order book of {market}: status {answer.status_code}")
            return Bids(date_of(answer.headers), order_book(parse_json(answer.content), market))
        except httpx.HTTPError as e:
            raise NoBook(f"the exchange does not show the order book of {market}: {type(e).__name__}") from e
        except BadValue as e:
            raise NoBook(f"the order book of {market} cannot be read: {e}") from e
