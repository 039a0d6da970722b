"""Words that more than one reader says, in Korean and English (pure)."""

from collections.abc import Mapping

from shared.types import Language

SIDES: Mapping[Language, Mapping[str, str]] = {
    "ko": {"buy": "매수", "sell": "매도", "hold": "관망"},
    "en": {"buy": "buy", "sell": "sell", "hold": "hold"},
}
# A stage; one that is not named here goes by its own name.
STAGE_NAMES: Mapping[Language, Mapping[str, str]] = {
    "ko": {
        "clock": "시계",
        "collector": "수집",
        "filter": "게이트",
        "analyst": "분석",
        "executor": "실행",
        "notifier": "알림",
        "backend": "백엔드",
        "owner": "직접",
    },
    "en": {},
}
# The fear and greed index's own words for its ranges, which come in English.
MOODS: Mapping[Language, Mapping[str, str]] = {
    "ko": {
        "extreme fear": "극단적 공포",
        "fear": "공포",
        "neutral": "중립",
        "greed": "탐욕",
        "extreme greed": "극단적 탐욕",
    },
    "en": {},
}
# Why a slot was not traded.
CAUSES: Mapping[Language, Mapping[str, str]] = {
    "ko": {
        "late": "시계가 늦게 깨어남",
        "previous_unfinished": "이전 사이클이 끝나지 않음",
        "paused": "봇이 일시정지 상태",
        "stopped": "봇이 중지 상태",
        "unfinished": "시작했으나 끝나지 않음",
        "no_clock": "시계가 돌지 않음",
        "clock": "컴퓨터 시계가 틀림",
    },
    "en": {
        "late": "the clock woke too late",
        "previous_unfinished": "the cycle before had not ended",
        "paused": "the bot was paused",
        "stopped": "the bot was stopped",
        "unfinished": "started, and never ended",
        "no_clock": "no clock was running",
        "clock": "this machine's clock was wrong",
    },
}
