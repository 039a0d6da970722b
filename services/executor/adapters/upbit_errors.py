"""What an error of the SDK says: of an order, of what was to be shown, and in one line."""

from upbit import APIConnectionError, APIStatusError

from services.executor.core.answers import Answer, NameTaken, NeverSent, Refused, SaidNo, Unknown
from shared.errors import Permanent, Transient
from shared.refusals import upbit_error
from shared.types import Market
from shared.upbit_pacing import why_not_sent

_MAY_WORK_LATER = {"nonce_used", "market_offline", "too_many_request_order"}


class ExchangeUnavailable(Transient):
    """The exchange did not show what an order needs to know."""


class ExchangeRefusal(Permanent):
    """The exchange refuses to show it: unknown market, key refused."""


def order_answer(e: APIStatusError) -> Answer:
    """What an error status on POST says about the order."""
    name = error_name(e)
    if e.status_code == 429:
        return NeverSent(error_line(e), reached_exchange=True)  # refused before it is processed
    if name == "duplicated_identifier":
        return NameTaken()
    if e.status_code == 418 or not 400 <= e.status_code < 500 or name is None:
        return Unknown(error_line(e))
    return SaidNo(name, _message(e))


def refusal(e: APIStatusError, market: Market) -> Refused:
    """What will never work, as a refusal.

    Raises ExchangeUnavailable for what may work later, ExchangeRefusal where the answer has no name.
    """
    name, what = error_name(e), f"looking at {market}: {error_line(e)}"
    # A gateway's page says nothing about our key or the market.
    foreign = upbit_error(e.body, e.status_code) is None
    if foreign or e.status_code not in (400, 401, 403, 404) or name in _MAY_WORK_LATER:
        raise ExchangeUnavailable(what) from e
    if name is None:
        raise ExchangeRefusal(what) from e
    return Refused(name, _message(e))


def error_name(e: APIStatusError) -> str | None:
    """The error's name, a word; None where it has none, or is none of the exchange's own."""
    error = upbit_error(e.body, e.status_code)
    return error.code if error and error.code != str(e.status_code) else None


def _message(e: APIStatusError) -> str:
    error = upbit_error(e.body, e.status_code)
    return error.reason if error else ""


def error_line(e: BaseException) -> str:
    """One line, without the request: its headers hold the token."""
    if isinstance(e, APIStatusError):
        return f"HTTP {e.status_code} {error_name(e) or ''}".strip()
    if unsent := why_not_sent(e):
        return str(unsent)
    if isinstance(e, APIConnectionError):
        return type(e.__cause__ or e).__name__
    if isinstance(e, TimeoutError):
        return "the whole answer did not come in time"
    return f"{type(e).__name__}: {e}".replace("\n", " ")[:200]
