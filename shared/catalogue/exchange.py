"""The exchange said no, by its own name of the error; of two names for one thing, both have one code (pure)."""

from shared.catalogue.entry import entry, unprompted

_KEYS = "업비트 Open API 관리에서"
_IP_REFUSED = unprompted(
    "IP_REFUSED",
    f"허용되지 않은 IP입니다. {_KEYS} 이 서버의 IP를 등록하세요",
    "this machine's IP is not allowed for the API key; register it at Upbit",
)
BY_NAME = {
    "insufficient_funds_bid": unprompted(
        "INSUFFICIENT_FUNDS_BID", "매수할 원화가 부족합니다. 잔고를 확인하세요", "not enough won on the account"
    ),
    "insufficient_funds_ask": unprompted(
        "INSUFFICIENT_FUNDS_ASK", "매도할 수량이 부족합니다. 보유 수량을 확인하세요", "not enough coins on the account"
    ),
    "under_min_total_bid": unprompted(
        "UNDER_MIN_TOTAL_BID",
        "매수 금액이 최소 주문 금액(5,000원)보다 작습니다",
        "the buy is below the exchange's minimum of 5,000 won",
    ),
    "under_min_total_ask": unprompted(
        "UNDER_MIN_TOTAL_ASK",
        "매도 금액이 최소 주문 금액(5,000원)보다 작습니다",
        "the sell is below the exchange's minimum of 5,000 won",
    ),
    "over_krw_funds_bid": unprompted(
        "OVER_KRW_FUNDS_BID",
        "매수 금액이 최대 주문 금액(10억 원)보다 큽니다",
        "the buy is above the exchange's maximum of 1,000,000,000 won",
    ),
    "invalid_price_bid": unprompted(
        "INVALID_PRICE_BID", "매수 금액의 단위가 맞지 않습니다", "the amount of won does not fit the exchange's unit"
    ),
    "invalid_price_ask": unprompted(
        "INVALID_PRICE_ASK", "매도 가격의 단위가 맞지 않습니다", "the price does not fit the exchange's unit"
    ),
    "invalid_volume_bid": unprompted(
        "INVALID_VOLUME_BID", "매수 수량은 소수점 8자리까지입니다", "the amount of coins has more than 8 decimals"
    ),
    "invalid_volume_ask": unprompted(
        "INVALID_VOLUME_ASK", "매도 수량은 소수점 8자리까지입니다", "the amount of coins has more than 8 decimals"
    ),
    "notfoundmarket": unprompted(
        "MARKET_UNKNOWN",
        "업비트에 없는 종목입니다. TRADING_SYMBOL을 확인하세요",
        "Upbit has no such market; look at TRADING_SYMBOL",
    ),
    "market_offline": unprompted(
        "MARKET_OFFLINE",
        "거래소가 점검 중이거나 거래 지원이 중단된 종목입니다",
        "the exchange is under maintenance, or the market is suspended",
    ),
    "too_many_request_order": entry(
        "ORDER_SURGE",
        "거래소 전체에 주문이 몰려 받지 않았습니다",
        "the exchange is flooded with orders and took none",
    ),
    "jwt_verification": unprompted(
        "WRONG_SECRET",
        "시크릿 키가 맞지 않습니다. UPBIT_SECRET_KEY를 확인하세요",
        "the secret key is wrong; look at UPBIT_SECRET_KEY",
    ),
    "invalid_access_key": unprompted(
        "UNKNOWN_KEY",
        "없는 액세스 키입니다. UPBIT_ACCESS_KEY를 확인하세요",
        "there is no such access key; look at UPBIT_ACCESS_KEY",
    ),
    "expired_access_key": unprompted(
        "EXPIRED_KEY",
        f"API 키가 만료되었습니다. {_KEYS} 새 키를 만드세요",
        "the API key has expired; make a new one at Upbit",
    ),
    "no_authorization_ip": _IP_REFUSED,
    "no_authorization_i_p": _IP_REFUSED,
    "out_of_scope": unprompted(
        "KEY_LACKS_RIGHT",
        f"API 키에 권한이 없습니다. {_KEYS} 자산조회와 주문하기를 허용하세요",
        "the API key lacks a right: it needs to view the assets and to order",
    ),
    "nonce_used": unprompted(
        "NONCE_USED",
        "이미 쓰인 요청 번호입니다. 다음 사이클에 새 번호로 요청합니다",
        "the request's number was used before; the next cycle asks with a new one",
    ),
}
