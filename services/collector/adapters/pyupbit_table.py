"""What pyupbit gave: its table as candles, or the reason why there is none."""

from typing import Any

import polars as pl

from services.collector.adapters.pyupbit_requests import RequestsStandIn
from services.collector.ports import ExchangeBusy, ExchangeUnreachable, RequestRefused, UnknownMarket
from shared.candles import SCHEMA, check
from shared.parsing import BadValue, parse_json
from shared.refusals import upbit_error
from shared.types import Market
from shared.writing import AHEAD


def frame_of(table: Any, stand_in: RequestsStandIn, market: Market) -> pl.DataFrame:
    """Its table in shared.candles.SCHEMA; where it gave none, the reason as an error of ours."""
    if table is None:
        return _nothing(stand_in, market)
    starts = [label.to_pydatetime() - AHEAD for label in table.index]
    columns = {name: table[name].to_numpy(dtype="float64") for name in SCHEMA.names()[1:]}
    frame = pl.DataFrame({"open_time": starts, **columns})
    frame = frame.with_columns(pl.col("open_time").dt.replace_time_zone("UTC")).cast(SCHEMA)
    # Upbit has been seen to give a candle twice.
    return check(frame.unique("open_time", keep="last").sort("open_time"), name=f"hours of {market}")


def _nothing(stand_in: RequestsStandIn, market: Market) -> pl.DataFrame:
    if isinstance(stand_in.fault, BadValue):
        if stand_in.answer is not None and stand_in.answer.status_code != 200:
            raise _refusal(stand_in.answer.status_code, None, market)
        raise stand_in.fault
    if stand_in.fault is not None or stand_in.answer is None:
        what = type(stand_in.fault).__name__ if stand_in.fault else "no request was made"
        raise ExchangeUnreachable(f"no answer about {market} came from the exchange: {what}") from stand_in.fault
    status = stand_in.answer.status_code
    if status != 200:
        raise _refusal(status, _parsed(stand_in.answer.content), market)
    if parse_json(stand_in.answer.content) == []:
        return pl.DataFrame(schema=SCHEMA)
    raise BadValue("pyupbit makes nothing of it")


def _refusal(status: int, body: Any, market: Market) -> Exception:
    """body: None where nobody can read it."""
    if status in {418, 429} or status >= 500:
        return ExchangeBusy(f"the exchange answered {status} about {market}")
    error = upbit_error(body, status)
    if error is None:  # another server's page says nothing of a market
        return ExchangeUnreachable(
            f"another server answered {status} about the hours of {market}; is it Upbit, or the paper exchange?"
        )
    if error.code == "404":
        return UnknownMarket(f"the exchange does not trade {market}")
    return RequestRefused(f"the exchange answered {status} {error.code} about the hours of {market}")


def _parsed(content: bytes) -> Any:
    try:
        return parse_json(content)
    except BadValue:
        return None
