"""What each route answers, for its OpenAPI: one purchase, as the owner's own example has it, and what follows.

No null stands here: FastAPI leaves out of an example what has no value.
"""

import json
from typing import Any

from shared.events import SignalPassed, TradingDue

_AT = "2025-12-28T14:00:00+09:00"
_CYCLE = "KRW-ETH-20251228T0500Z"
_REASON = "RSI 과매도 구간 진입"

SWITCHED = {"status": "paused", "by": "api", "at": _AT}
JOB = {
    "id": "daily_report_job",
    "next_run": "2025-12-29T09:00:00+09:00",
    "note": "",
    "reason_code": "",
    "figures": [],
    "paused": False,
    "by": "api",
    "at": _AT,
}
JOBS = {"jobs": [JOB]}
STATUS = {
    "status": "running",
    "mode": "paper",
    "markets": ["KRW-ETH"],
    "trouble": "",
    "uptime_seconds": 3600,
    "last_trade_time": _AT,
    "jobs": [{"id": "trading_job", "next_run": "2025-12-28T15:00:00+09:00"}],
    "missed": [
        {
            "cycle": "KRW-ETH-20251228T0400Z",
            "market": "KRW-ETH",
            "slot_at": "2025-12-28T13:00:00+09:00",
            "cause": "late",
            "detail": "240초 늦음",
            "reason_code": "LATE_START",
            "figures": [{"name": "late", "value": "240", "unit": "seconds"}],
        }
    ],
}
SALE = {
    "id": "KRW-ETH-20251228T050312Z-sale",
    "market": "KRW-ETH",
    "at": "2025-12-28T14:03:12+09:00",
    "valid_until": "2025-12-28T14:05:12+09:00",
    "amount": 0.0115,
    "order": 0.0115,
    "bid": 4400000,
    "price": 4400000,
    "slippage": 0.0,
    "slippage_max": 0.05,
    "total": 50574.7,
    "fee": 25.3,
    "profit": 524.69,
    "obstacle": "",
}
SALE_REQUEST = {
    "cycle": "KRW-ETH-20251228T050312Z-sale",
    "market": "KRW-ETH",
    "amount": 0.0115,
    "price": 4400000,
    "by": "api",
    "at": "2025-12-28T14:03:20+09:00",
}
_SOLD = [
    {"name": "volume", "value": "0.0115 ETH", "unit": "text"},
    {"name": "price", "value": "4400000", "unit": "price"},
    {"name": "funds", "value": "50600", "unit": "won"},
]
PANIC_RESULT = {
    "warning": "",
    "last": {
        "id": "20251228T050400000000Z",
        "by": "page",
        "at": _AT,
        "sell": True,
        "ended_at": _AT,
        "notes": [
            {
                "about": "KRW-ETH",
                "reason_code": "PANIC_SOLD",
                "figures": _SOLD,
                "text": "0.0115 ETH 매도, 평균 4,400,000원, 합계 50,600원",
            }
        ],
        "undone": [],
    },
}
PANIC = {
    "status": "paused",
    "is_heard": True,
    "warning": "",
    "orders": [{"cycle": _CYCLE, "market": "KRW-ETH", "side": "buy"}],
    "positions": [
        {"market": "KRW-ETH", "amount": 0.0115, "shown": 0.0115, "price": 4400000, "total": 50574.7, "note": ""}
    ],
    "last": PANIC_RESULT["last"],
}
PANIC_REQUEST = {
    "id": "20251228T050400000000Z",
    "by": "api",
    "at": _AT,
    "sell": True,
    "status": "paused",
    "is_heard": True,
    "text": "봇을 멈췄습니다. 이제 실행 서비스가 열린 주문을 취소하고 보유한 코인을 모두 팝니다",
}
_TRADE = {
    "id": 1,
    "symbol": "KRW-ETH",
    "side": "buy",
    "price": 4350000,
    "amount": 0.0115,
    "total": 50025,
    "created_at": _AT,
}
TRADES = {"trades": [_TRADE], "total": 125}
TRADE = {
    "id": 2,
    "symbol": "KRW-ETH",
    "side": "sell",
    "price": 4450000,
    "amount": 0.0115,
    "total": 51175,
    "created_at": "2025-12-28T15:00:00+09:00",
    "fee": 25.59,
    "ai_decision": "RSI 과매수",
    "ai_confidence": "medium",
    "cycle": "KRW-ETH-20251228T0600Z",
    "profit": 1099.4,
}
_FIGURES = {
    "trades": 2,
    "buys": 1,
    "sells": 1,
    "volume": 101200,
    "fees": 50.6,
    "profit": 1099.4,
    "win_rate": 1.0,
}
HISTORIES = {
    "histories": [
        {
            "market": "KRW-ETH",
            "first": "2024-12-28T09:00:00+09:00",
            "until": _AT,
            "candles": 8758,
            "missing": 7,
            "gaps": [{"month": "2025-06", "hours": 7}],
            "corrected": 2,
            "synthetic": False,
        }
    ]
}
ACCOUNT = {
    "valued_at": _AT,
    "coins": [{"symbol": "KRW-ETH", "account": 0.0315, "beside": 0.02}],
    "left_out": [],
    "key_expires_at": "2026-11-22T09:00:00+09:00",
}
STATS = _FIGURES | {
    "markets": [_FIGURES | {"symbol": "KRW-ETH"}],
    "periods": [_FIGURES | {"period": "2025-12-28"}],
    "entries": [_FIGURES | {"reason_code": "RULES_OVERSOLD"}],
    "exits": [_FIGURES | {"trades": 1, "buys": 0, "volume": 51175, "fees": 25.59, "reason_code": "RULES_OVERBOUGHT"}],
}
_OUTCOME = {
    "end_kind": "OrderFilled",
    "reason": _REASON,
    "reason_code": "AI_BUY",
    "price": 4350000,
    "analyst": "gpt",
    "confidence": "high",
}
CYCLE = _OUTCOME | {
    "cycle": _CYCLE,
    "market": "KRW-ETH",
    "slot_at": _AT,
    "started_at": _AT,
    "ended_at": "2025-12-28T14:00:06+09:00",
    "ai_decision": "buy",
    "ai_confidence": "high",
    "gate": "passed",
    "model_cost": 12.5,
    "stage": "executor",
    "status": "success",
    "decision": "buy",
    "amount": 0.0115,
    "total": 50025,
}
CYCLES = {"cycles": [CYCLE], "total": 720, "older": _CYCLE}
_LOGGED = {
    "seq": 4711,
    "stored_at": _AT,
    "subject": TradingDue.subject_of(_CYCLE),
    "event": {"kind": "TradingDue", "cycle": _CYCLE, "slot_at": "2025-12-28T05:00:00Z"},
}
CYCLE_DETAIL = CYCLE | {
    "why": "KRW-ETH 2025-12-28 14:00 …",
    "events": [_LOGGED],
}
PROMPT = {
    "cycle": _CYCLE,
    "model": "gpt-4.1",
    "template": "v1",
    "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "same": True,
    "differs": "",
    "system": "You judge one cryptocurrency market of the Korean exchange Upbit …",
    "user": "# KRW-ETH at 2025-12-28 05:00:03 UTC\nprice = 4350000 KRW\n…",
    "evidence": [{"name": "rsi_hour", "value": 24.5, "shown": 24.5, "right": True}],
    "request": {"path": "/chat/completions", "body": {"model": "gpt-4.1", "messages": []}},
}
DECISIONS = {
    "decisions": [
        _OUTCOME
        | {
            "cycle": _CYCLE,
            "symbol": "KRW-ETH",
            "slot_at": _AT,
            "decision": "buy",
            "done": "buy",
            "model_cost": 12.5,
        }
    ],
    "total": 45,
    "older": _CYCLE,
}
CANDLES = {
    "market": "KRW-ETH",
    "interval_minutes": 60,
    "candles": [
        {"at": _AT, "open": 4340000, "high": 4362000, "low": 4335000, "close": 4350000, "volume": 812.4},
    ],
}
GATE = {
    "decisions": [
        {
            "cycle": _CYCLE,
            "market": "KRW-ETH",
            "slot_at": _AT,
            "outcome": "passed",
            "figure": 0.5812,
            "threshold": 0.55,
            "trades": 219,
        }
    ],
    "older": _CYCLE,
}
_COSTS = {"fees": 50.6, "slippage": 12, "model_cost": 87.5, "model_calls": 7}
COSTS = {
    "periods": [_COSTS | {"period": "2025-12-28"}],
    "whole": _COSTS | {"period": "all"},
    "model_budget": {"day": "2025-12-28", "budget": 5000, "used": 87.5, "calls": 7},
}
DEAD = {
    "letters": [
        {
            "id": 7,
            "stage": "analyst",
            "cycle": _CYCLE,
            "subject": SignalPassed.subject_of(_CYCLE),
            "seq": 4713,
            "at": _AT,
            "reason": "BrokerAway: the broker does not answer",
            "deliveries": 5,
            "retry": "upcycle dead retry 7",
        }
    ],
    "older": 7,
}
UNRESOLVED = {
    "orders": [
        {
            "cycle": _CYCLE,
            "market": "KRW-ETH",
            "kind": "unresolved",
            "at": _AT,
            "reason": "주문 결과를 확인하지 못했습니다",
            "command": f"upcycle settle {_CYCLE}",
        }
    ]
}
SETTINGS = {
    "settings": [
        {
            "name": "GATE_WIN_RATE_MIN",
            "about": "share of winning trades the year must show",
            "value": "0.55",
            "is_secret": False,
            "is_default": True,
            "decides": True,
            "used": "0.55",
            "since": _AT,
            "before": "0.6",
            "changes": 1,
        }
    ]
}
PORTFOLIO = {
    "valued_at": _AT,
    "krw_balance": 949949.99,
    "total_value_krw": 1000549.99,
    "coins": [
        {
            "symbol": "KRW-ETH",
            "coin_balance": 0.0115,
            "coin_price": 4400000,
            "value": 50600,
            "bot_amount": 0.0115,
            "bot_cost": 50050.01,
            "unrealised": 549.99,
        }
    ],
    "realised": 0,
    "unrealised": 549.99,
    "history": [{"at": _AT, "total_value_krw": 1000549.99}],
}
HEALTH = {"status": "ok", "database": "ok", "switch": "ok", "time": "ok"}
READY = {"status": "ok"}
METRICS = (
    "# HELP scheduler_job_success_total 스케줄러 작업 성공 횟수\n"
    "# TYPE scheduler_job_success_total counter\n"
    'scheduler_job_success_total{job_name="trading_job"} 120.0\n'
)
STREAM = f"id: 4711\nevent: TradingDue\ndata: {json.dumps(_LOGGED)}\n\n"
TRADES_CSV = (
    "id,created_at,symbol,side,price,amount,total,fee,profit,confidence,reason,cycle\r\n"
    f"1,{_AT},KRW-ETH,buy,4350000,0.0115,50025,25.01,,high,{_REASON},{_CYCLE}\r\n"
)
CYCLES_CSV = (
    "cycle,market,slot_at,started_at,ended_at,analyst,ai_decision,ai_confidence,gate,model_cost,end_kind,stage,status,"
    "decision,confidence,reason,reason_code,price,amount,total\r\n"
    f"{_CYCLE},KRW-ETH,{_AT},{_AT},2025-12-28T14:00:06+09:00,model,buy,high,passed,12.5,OrderFilled,executor,success,"
    f"buy,high,{_REASON},LLM_BUY,4350000,0.0115,50025\r\n"
)
DECISIONS_CSV = (
    "cycle,symbol,slot_at,analyst,decision,confidence,done,end_kind,reason,reason_code,price,model_cost\r\n"
    f"{_CYCLE},KRW-ETH,{_AT},model,buy,high,buy,OrderFilled,{_REASON},LLM_BUY,4350000,12.5\r\n"
)


def answers(example: Any, media_type: str = "application/json") -> dict[int | str, dict[str, Any]]:
    """For a route's `responses`."""
    told: dict[str, Any] = {"example": example}
    if isinstance(example, str):
        told["schema"] = {"type": "string"}
    return {200: {"description": "OK", "content": {media_type: told}}}
