"""What the routes need from outside the exchange."""

from typing import Protocol

from starlette.requests import Request

from services.paper.core.auth import Gate
from services.paper.core.exchange import PaperExchange


class Doors(Protocol):
    """Lies in `request.app.state`."""

    exchange: PaperExchange
    gate: Gate
    admin_token: str | None


def doors(request: Request) -> Doors:
    found: Doors = request.app.state
    return found
