"""What the routes need from outside the exchange."""

from typing import Protocol, cast

from starlette.requests import Request

from services.paper.core.auth import Authenticator
from services.paper.core.exchange import PaperExchange
from services.paper.core.faults import Fault, Faults
from services.paper.core.quotas import Quotas


class AppState(Protocol):
    """Lies in `request.app.state`."""

    exchange: PaperExchange
    authenticator: Authenticator
    quotas: Quotas
    faults: Faults
    admin_token: str | None


def app_state(request: Request) -> AppState:
    state: AppState = request.app.state
    return state


def fault_of(request: Request, do: str) -> Fault | None:
    """The fault this request meets, if it is of that kind."""
    fault = cast("Fault | None", request.scope.get("fault"))
    return fault if fault is not None and fault.do == do else None
