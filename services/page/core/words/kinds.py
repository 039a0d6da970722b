"""What became of an hour, in a word (pure)."""

from services.page.core.words.both import Both

WORDS = {
    "buy": Both("매수", "bought"),
    "sell": Both("매도", "sold"),
    "gated": Both("게이트 거절", "gate said no"),
    "hold": Both("관망", "held off"),
    "denied": Both("위험 규칙 거부", "denied by a risk rule"),
    "trouble": Both("실패", "failed"),
    "gap": Both("놓침", "missed"),
    "open": Both("진행 중", "running"),
}
