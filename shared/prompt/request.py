"""How a prompt is sent to OpenAI, or to a server that speaks its API (pure)."""

from typing import Any, Literal

from shared.prompt.advice import SCHEMA

Api = Literal["chat", "responses"]
OPENAI = "https://api.openai.com/v1"
PATHS: dict[Api, str] = {"chat": "/chat/completions", "responses": "/responses"}
TOKENS_OUT_MAX = 4000  # asked for in each call; a model that reasons counts its thoughts among them
_FORM: dict[str, Any] = {"name": "advice", "strict": True, "schema": SCHEMA}


def request_body(api: Api, model: str, *, system: str, user: str) -> dict[str, Any]:
    messages = [{"role": "system", "content": system}, {"role": "user", "content": user}]
    if api == "chat":
        return {
            "model": model,
            "messages": messages,
            "response_format": {"type": "json_schema", "json_schema": _FORM},
            "max_completion_tokens": TOKENS_OUT_MAX,
        }
    return {
        "model": model,
        "input": messages,
        "text": {"format": {"type": "json_schema", **_FORM}},
        "max_output_tokens": TOKENS_OUT_MAX,
        "store": False,
    }
