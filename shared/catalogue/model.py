"""What a model said, and every way in which it gave no answer that could be used (pure)."""

from shared.catalogue.entry import Entry, entry

LLM_BUY = entry("LLM_BUY", "{said}", "{said}")  # the model's own words
LLM_SELL = entry("LLM_SELL", "{said}", "{said}")
LLM_HOLD = entry("LLM_HOLD", "{said}", "{said}")


def _no_answer(code: str, ko: str, en: str) -> Entry:
    """Of a hold: what happened instead, in whose words it came, behind a colon."""
    return entry(code, ko + "[: {said}]", en + "[: {said}]")


NO_ANSWER = {
    no.code: no
    for no in (
        _no_answer("LLM_REFUSED", "모델이 답변을 거부", "the model refused to answer"),
        _no_answer("LLM_CUT", "답변이 중간에 잘림", "the model's answer was cut off"),
        _no_answer("LLM_FILTERED", "답변이 내용 필터에 걸림", "the model's answer was held back by a content filter"),
        _no_answer("LLM_EMPTY", "빈 답변", "the model's answer was empty"),
        _no_answer(
            "LLM_PROSE", "JSON 앞뒤에 다른 글이 있음", "there was other text around the model's JSON, or it was broken"
        ),
        _no_answer("LLM_NOT_JSON", "답변이 JSON이 아님", "the model's answer was no JSON"),
        _no_answer("LLM_BAD_DECISION", "매수·매도·관망이 아닌 판단", "the model said neither buy nor sell nor hold"),
        _no_answer("LLM_NO_CONFIDENCE", "확신도가 없음", "the model gave no confidence"),
        _no_answer(
            "LLM_BAD_CONFIDENCE",
            "높음·보통·낮음이 아닌 확신도",
            "the model's confidence was neither high nor medium nor low",
        ),
        _no_answer("LLM_EXTRA_FIELDS", "형식에 없는 항목이 있음", "the model's answer held fields nobody asked for"),
        _no_answer("LLM_BAD_EVIDENCE", "읽을 수 없는 근거 수치", "the model's evidence could not be read"),
        _no_answer("LLM_OFF_SCHEMA", "답변이 형식에 맞지 않음", "the model's answer had another form"),
        _no_answer("LLM_NO_EVIDENCE", "근거 수치 없이 매매 판단", "the model wanted to trade and gave no evidence"),
        _no_answer(
            "LLM_EVIDENCE_WRONG", "근거 수치가 실제와 다름", "the model's evidence contradicts what it was shown"
        ),
        _no_answer("LLM_TIMEOUT", "모델이 제시간에 답하지 않음", "the model did not answer in time"),
        _no_answer("LLM_KEY_REFUSED", "OpenAI 키가 거부됨", "OpenAI refused the key"),
        _no_answer("LLM_QUOTA", "OpenAI 사용 한도 소진", "the quota at OpenAI is spent"),
        _no_answer("LLM_BUSY", "모델 서버가 혼잡", "the model's server was busy"),
        _no_answer("LLM_SERVER_ERROR", "모델 서버 오류", "the model's server failed"),
        _no_answer("LLM_REQUEST_REFUSED", "모델 서버가 요청을 거부", "the model's server refused the request"),
        _no_answer("LLM_UNREACHABLE", "모델 서버에 연결할 수 없음", "the model's server could not be reached"),
        _no_answer("LLM_BROKEN_OFF", "답변 도중 연결이 끊김", "the connection broke during the model's answer"),
        _no_answer("LLM_TOO_LONG", "답변이 너무 김", "the answer was far too long"),
        _no_answer("LLM_NOT_AN_ANSWER", "모델 서버의 답이 아님", "what came back was no answer of a model's server"),
        _no_answer(
            "LLM_ASKED_TWICE",
            "두 번 물었으나 답이 저장되지 않음, 다시 묻지 않음",
            "the model was asked twice and both answers were lost; it is not asked again",
        ),
    )
}
