"""Upbit's request quotas by group, as the Remaining-Req header tells them. Nothing is counted yet (pure)."""

GROUPS = (
    ("/v1/market/", "market", 10),
    ("/v1/candles/", "candle", 10),
    ("/v1/ticker", "ticker", 10),
    ("/v1/orderbook", "orderbook", 10),
)


def remaining_req(method: str, path: str) -> str:
    """As if this were the first request of its second."""
    if (method, path) == ("POST", "/v1/orders"):
        group, limit = "order", 12
    else:
        group, limit = next(((name, n) for start, name, n in GROUPS if path.startswith(start)), ("default", 30))
    return f"group={group}; min={limit * 60}; sec={limit - 1}"
