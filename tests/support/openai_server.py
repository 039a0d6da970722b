"""A server that speaks both OpenAI APIs and misbehaves by script; on a free port, in a thread of its own.

    with openai_server(says(decision="buy")) as server:
        ... OPENAI_BASE_URL=server.url ...
        assert len(server.asked) == 1

The script is a step for each request, the last one for all that follow. A step gets the request's body and
gives a response; the makers below cover what the tests need.
"""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from tests.support.served import served

Body = dict[str, Any]
Step = Callable[[Body], Response]
USAGE = {"in": 5200, "out": 90, "cached": 1024}


@dataclass
class OpenAIServer:
    script: list[Step]
    takes_s: float = 0.0  # before every answer, without blocking others
    url: str = ""
    asked: list[Body] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    def plays(self, *script: Step) -> "OpenAIServer":
        """Begin anew with another script."""
        self.script = list(script)
        self.asked, self.headers = [], []
        return self

    def next(self, body: Body) -> Step:
        step = self.script[min(len(self.asked), len(self.script) - 1)]
        self.asked.append(body)
        return step

    async def answer(self, request: Request) -> Response:
        body = json.loads(await request.body())
        step = self.next(body)
        self.headers.append(dict(request.headers))
        await asyncio.sleep(self.takes_s)
        return step(body)


@contextmanager
def openai_server(*script: Step, takes_s: float = 0.0) -> Iterator[OpenAIServer]:
    server = OpenAIServer(list(script), takes_s)
    routes = [Route(f"/v1/{path}", server.answer, methods=["POST"]) for path in ("chat/completions", "responses")]
    with served(Starlette(routes=routes), "model's server") as url:
        server.url = f"{url}/v1"
        yield server


# What a good model answers.


def advice(decision: str = "buy", evidence: dict[str, float] | None = None, **changes: Any) -> str:
    """The JSON a good model writes."""
    cited = [{"name": name, "value": value} for name, value in (evidence or {}).items()]
    said = {"decision": decision, "confidence": "high", "reason": "RSI 과매도 구간 진입", "evidence": cited} | changes
    return json.dumps(said, ensure_ascii=False)


def replies(text: str | None, *, finish: str = "stop", refusal: str | None = None, **usage: Any) -> Step:
    """A body of whichever API was asked around the model's words. usage: None leaves it out."""

    def step(body: Body) -> Response:
        return JSONResponse(shaped(body, text, finish, refusal, usage.get("usage", USAGE)))

    return step


def says(decision: str = "buy", *names: str, **changes: Any) -> Step:
    """A decision whose evidence is read out of the prompt: the price, or the facts of these names."""

    def step(body: Body) -> Response:
        shown = facts_in(prompt_of(body))
        return replies(advice(decision, {name: shown[name] for name in names or ("price",)}, **changes))(body)

    return step


def decides(choose: Callable[[str], str]) -> Step:
    """Decide by the prompt's text, with the true price as evidence."""
    return lambda body: says(choose(prompt_of(body)))(body)


def prompt_of(body: Body) -> str:
    """The user's message, whichever API was asked."""
    messages = body.get("messages") or body["input"]
    return str(messages[-1]["content"])


def facts_in(prompt: str) -> dict[str, float]:
    """The prompt's lines of the form `name = value unit`."""
    return {name: float(value) for name, value in re.findall(r"(?m)^(\w+) = (-?[\d.]+)(?: |$)", prompt)}


def shaped(body: Body, text: str | None, finish: str, refusal: str | None, usage: dict[str, int] | None) -> Body:
    model = body["model"]
    if "messages" in body:
        message = {"role": "assistant", "content": text, "refusal": refusal}
        told = usage and {
            "prompt_tokens": usage["in"],
            "completion_tokens": usage["out"],
            "total_tokens": usage["in"] + usage["out"],
            "prompt_tokens_details": {"cached_tokens": usage["cached"]},
        }
        choice = {"index": 0, "message": message, "finish_reason": finish, "logprobs": None}
        chat = {"id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": f"{model}-2025-04-14"}
        return {**chat, "choices": [choice], "usage": told}
    told = usage and {
        "input_tokens": usage["in"],
        "output_tokens": usage["out"],
        "input_tokens_details": {"cached_tokens": usage["cached"]},
    }
    part = {"type": "output_text", "text": text or "", "annotations": []}
    if refusal is not None:
        part = {"type": "refusal", "refusal": refusal}
    cut = {"length": "max_output_tokens"}.get(finish, finish)
    ended = (
        {"status": "completed"} if finish == "stop" else {"status": "incomplete", "incomplete_details": {"reason": cut}}
    )
    output = [
        {"type": "reasoning", "id": "r1", "summary": []},
        {"type": "message", "role": "assistant", "content": [part]},
    ]
    return {
        "id": "resp_1",
        "object": "response",
        "model": f"{model}-2025-04-14",
        "output": output,
        "usage": told,
        **ended,
    }


# What goes wrong.


def fails(status: int, code: str = "", *, retry_after: str | None = None, message: str = "no") -> Step:
    headers = {} if retry_after is None else {"retry-after": retry_after}
    body = {"error": {"message": message, "type": code or "error", "param": None, "code": code or None}}
    return lambda _: JSONResponse(body, status, headers=headers)


def sends(content: bytes, kind: str = "application/json", status: int = 200) -> Step:
    return lambda _: Response(content, status, media_type=kind)


def hangs(_: Body) -> Response:
    """Says that an answer follows, and then nothing."""

    async def nothing() -> AsyncIterator[bytes]:
        await asyncio.sleep(3600)
        yield b""

    return StreamingResponse(nothing(), media_type="application/json")


def drips(content: bytes, pause_s: float = 0.05) -> Step:
    """A byte at a time."""

    async def bytes_of() -> AsyncIterator[bytes]:
        for byte in content:
            yield bytes([byte])
            await asyncio.sleep(pause_s)

    return lambda _: StreamingResponse(bytes_of(), media_type="application/json")
