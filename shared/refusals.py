"""What an exchange's no means: a code, and one clear sentence with what to do (pure)."""

from dataclasses import dataclass
from typing import Any, TypeVar

from shared.checked import tidy
from shared.errors import Permanent

_Fault = TypeVar("_Fault", bound=Permanent)


@dataclass(frozen=True, slots=True)
class Refusal:
    code: str
    reason: str


NEVER_SENT = Refusal("NEVER_SENT", "주문을 5초 안에 거래소로 보내지 못했습니다. 주문은 없습니다")
NOT_EXECUTED = Refusal("NOT_EXECUTED", "체결된 수량 없이 주문이 종료되었습니다")

_KEYS = "업비트 Open API 관리에서"
# By the exchange's own name. Where it has two names for one thing, they have one code.
_KNOWN = {
    "insufficient_funds_bid": ("INSUFFICIENT_FUNDS_BID", "매수할 원화가 부족합니다. 잔고를 확인하세요"),
    "insufficient_funds_ask": ("INSUFFICIENT_FUNDS_ASK", "매도할 수량이 부족합니다. 보유 수량을 확인하세요"),
    "under_min_total_bid": ("UNDER_MIN_TOTAL_BID", "매수 금액이 최소 주문 금액(5,000원)보다 작습니다"),
    "under_min_total_ask": ("UNDER_MIN_TOTAL_ASK", "매도 금액이 최소 주문 금액(5,000원)보다 작습니다"),
    "over_krw_funds_bid": ("OVER_KRW_FUNDS_BID", "매수 금액이 최대 주문 금액(10억 원)보다 큽니다"),
    "invalid_price_bid": ("INVALID_PRICE_BID", "매수 금액의 단위가 맞지 않습니다"),
    "invalid_price_ask": ("INVALID_PRICE_ASK", "매도 가격의 단위가 맞지 않습니다"),
    "invalid_volume_bid": ("INVALID_VOLUME_BID", "매수 수량은 소수점 8자리까지입니다"),
    "invalid_volume_ask": ("INVALID_VOLUME_ASK", "매도 수량은 소수점 8자리까지입니다"),
    "notfoundmarket": ("MARKET_UNKNOWN", "업비트에 없는 종목입니다. TRADING_SYMBOL을 확인하세요"),
    "market_offline": ("MARKET_OFFLINE", "거래소가 점검 중이거나 거래 지원이 중단된 종목입니다"),
    "too_many_request_order": ("ORDER_SURGE", "거래소 전체에 주문이 몰려 받지 않았습니다"),
    "jwt_verification": ("WRONG_SECRET", "시크릿 키가 맞지 않습니다. UPBIT_SECRET_KEY를 확인하세요"),
    "invalid_access_key": ("UNKNOWN_KEY", "없는 액세스 키입니다. UPBIT_ACCESS_KEY를 확인하세요"),
    "expired_access_key": ("EXPIRED_KEY", f"API 키가 만료되었습니다. {_KEYS} 새 키를 만드세요"),
    "no_authorization_ip": ("IP_REFUSED", f"허용되지 않은 IP입니다. {_KEYS} 이 서버의 IP를 등록하세요"),
    "no_authorization_i_p": ("IP_REFUSED", f"허용되지 않은 IP입니다. {_KEYS} 이 서버의 IP를 등록하세요"),
    "out_of_scope": ("KEY_LACKS_RIGHT", f"API 키에 권한이 없습니다. {_KEYS} 자산조회와 주문하기를 허용하세요"),
    "nonce_used": ("NONCE_USED", "이미 쓰인 요청 번호입니다. 다음 사이클에 새 번호로 요청합니다"),
}  # fmt: skip


def own_error(body: Any, status: int) -> Refusal | None:
    """The name and the words of an error in Upbit's own form; None of any other server's page, such as a gateway's.

    body: parsed, or whatever came. On quotes the name is the status as a number, on private calls a word.
    """
    error = body.get("error") if isinstance(body, dict) else None
    name = error.get("name") if isinstance(error, dict) else None
    if isinstance(error, dict) and str(name) == str(status):
        return Refusal(str(status), tidy(error.get("message") or status))
    known = tidy(name, longest=60) if isinstance(name, str) else ""
    if isinstance(error, dict) and known and not known.isdigit():
        return Refusal(known, tidy(error.get("message") or known))
    return None


def told(name: str, message: str) -> Refusal:
    """name, message: the exchange's own; a name we do not know is its own code, with the exchange's words."""
    if known := _KNOWN.get(name.lower()):
        return Refusal(*known)
    return Refusal(name.upper(), message)


def explained(fault: _Fault, name: str) -> _Fault:
    """Give a fault the code and the words of the exchange's no, if we know that name."""
    if known := _KNOWN.get(name.lower()):
        fault.code, fault.reason = known
    return fault
