"""What pyupbit takes for `requests`: the address that is ours, a timeout, and a body of candles that can be true."""

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from services.collector.core.topup import PAGE
from shared.parsing import SIZE_MAX, BadValue, bare_utc, of, parse_json
from shared.upbit_answers import Candle, candle, candles
from shared.upbit_quota import left_of
from shared.writing import AHEAD

if TYPE_CHECKING:
    from requests import Response

UPBIT = "https://api.upbit.com"
TIMEOUT_S = (3.0, 10.0)  # to connect, and for each read
WELL_FORMED = "group=candles; min=600; sec=9"
_STRAIGHT = {"http": "", "https": ""}  # no proxy of the environment, as for all that goes to Upbit


class RequestsStandIn:
    """What pyupbit calls `requests`: another host, a timeout, and a memory of what was said.

    left_out: what to do with a candle that cannot be true.
    """

    def __init__(self, base_url: str, left_out: Callable[[BadValue], None]) -> None:
        self._base_url, self._left_out = base_url, left_out
        self.answer: Response | None = None
        self.fault: Exception | None = None  # pyupbit makes None of it
        self.left = PAGE  # requests left in this second; many where nobody says

    def get(self, url: str, params: dict[str, Any]) -> "Response":
        import requests

        try:
            answer = requests.get(
                url.replace(UPBIT, self._base_url, 1),
                params=params,
                timeout=TIMEOUT_S,
                allow_redirects=False,
                stream=True,
                proxies=_STRAIGHT,
            )
            self.answer = answer
            content = _body(answer)
            if answer.status_code == 200:
                content = _possible_candles(content, self._left_out)
        except (requests.RequestException, BadValue) as e:
            self.fault = e
            raise
        answer._content = content
        left = left_of(answer.headers.get("Remaining-Req"))
        self.left = PAGE if left is None else left
        answer.headers["Remaining-Req"] = WELL_FORMED  # without it, or in any other form, pyupbit loses the candles
        return answer


def _body(answer: "Response") -> bytes:
    content = bytearray()
    with answer:
        for chunk in answer.iter_content(65536):
            content += chunk
            if len(content) > SIZE_MAX:
                raise BadValue(f"the body has more than {SIZE_MAX} bytes")
    return bytes(content)


def _possible_candles(content: bytes, left_out: Callable[[BadValue], None]) -> bytes:
    """The body without candles that cannot be true; the same bytes where all can."""
    odd = list[BadValue]()
    bars = candles(parse_json(content), odd.append, read=_hour)
    if not odd:
        return content
    for why in odd:
        left_out(why)
    return json.dumps([_row(bar) for bar in reversed(bars)]).encode()


def _hour(row: Any) -> Candle:
    """pyupbit goes by Seoul's time, the candle by UTC: they must be one."""
    bar, label = candle(row), bare_utc(of(row, "candle_date_time_kst"), "candle_date_time_kst")
    if label - AHEAD != bar.opened_at:
        raise BadValue(f"the candle of {bar.opened_at:%Y-%m-%dT%H:%M} is labelled {label:%Y-%m-%dT%H:%M} in Seoul")
    return bar


def _row(bar: Candle) -> dict[str, Any]:
    """A candle as Upbit writes it, with what pyupbit reads."""
    return {
        "candle_date_time_utc": f"{bar.opened_at:%Y-%m-%dT%H:%M:%S}",
        "candle_date_time_kst": f"{bar.opened_at + AHEAD:%Y-%m-%dT%H:%M:%S}",
        "opening_price": float(bar.open),
        "high_price": float(bar.high),
        "low_price": float(bar.low),
        "trade_price": float(bar.close),
        "candle_acc_trade_volume": float(bar.volume),
    }
