"""Signing in and out (pure)."""

from services.page.core.words.both import Both

WORDS = {
    "enter": Both("들어오기", "Sign in"),
    "leave": Both("나가기", "Sign out"),
    "api_token": Both("API 토큰", "API token"),
    "token_is": Both(
        "`upcycle init`이 .env에 만든 API_TOKEN입니다. 한 번만 넣으면 이 브라우저가 30일 동안 기억합니다.",
        "API_TOKEN, as `upcycle init` wrote it to .env. Enter it once; this browser is remembered for 30 days.",
    ),
    "wrong_token": Both("API_TOKEN이 아닙니다. 다시 확인해 주세요.", "This is not API_TOKEN. Look again."),
    "too_many": Both(
        "틀린 토큰이 너무 많았습니다. 1분 뒤에 다시 해 주세요.", "Too many wrong tokens. Try again in a minute."
    ),
}
