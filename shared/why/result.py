"""The owner's result of a cycle (pure)."""

from typing import Any

from shared.catalogue import sentence
from shared.events import SUCCESS, CycleEnded
from shared.types import Language


def result(end: CycleEnded, language: Language = "ko") -> dict[str, Any]:
    """Money as JSON numbers, as he wrote it."""
    return {
        "status": "success" if end.kind in SUCCESS else "failed",
        "decision": end.decision,
        "confidence": end.confidence,
        "reason": sentence(end, language),
        "reason_code": end.reason_code,
        "price": None if end.price is None else float(end.price),
        "amount": float(end.amount),
        "total": float(end.total),
    }
