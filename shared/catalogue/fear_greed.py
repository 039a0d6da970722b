"""Why there is no fear and greed index in a snapshot (pure)."""

from shared.catalogue.entry import unprompted

OF_TAPE = unprompted("FEAR_GREED_OF_TAPE", "재생하는 과거 시세에는 없음", "a tape has none")
NOT_YET = unprompted(
    "FEAR_GREED_NOT_YET",
    "지수가 {day} 것이라 그때는 아직 알 수 없었음",
    "it stands for {day}, which was not known yet",
    day="text",
)
TOO_OLD = unprompted(
    "FEAR_GREED_TOO_OLD", "지수가 {day} 것이라 너무 오래됨", "it stands for {day} and is too old", day="text"
)
REFUSED = unprompted(
    "FEAR_GREED_REFUSED", "alternative.me의 응답 코드 {status}", "alternative.me answered {status}", status="text"
)
SILENT = unprompted(
    "FEAR_GREED_SILENT",
    "alternative.me가 {waited}초 안에 답하지 않음",
    "alternative.me did not answer within {waited} s",
    waited="text",
)
OUT_OF_REACH = unprompted(
    "FEAR_GREED_OUT_OF_REACH",
    "alternative.me에 연결되지 않음: {fault}",
    "alternative.me is out of reach: {fault}",
    fault="text",
)
GARBLED = unprompted(
    "FEAR_GREED_GARBLED", "alternative.me의 답을 읽을 수 없음", "alternative.me answered something unreadable"
)
