"""A model that always has an opinion, so that a run trades: sells every third minute what is held, else buys.

It speaks as much of Chat Completions as the analyst asks for, and runs in a container of its own.
"""

import asyncio
import json
import os
import re
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

TAKES_S = float(os.environ["MODEL_TAKES_S"])


async def complete(request: Request) -> Response:
    body = await request.json()
    await asyncio.sleep(TAKES_S)
    return JSONResponse(answer(body["model"], body["messages"][-1]["content"]))


def answer(model: str, prompt: str) -> dict[str, Any]:
    """Cites the price out of the prompt, as a decision must."""
    minute = int(re.findall(r"at \d{4}-\d\d-\d\d \d\d:(\d\d)", prompt)[0])
    decision = "sell" if minute % 3 == 2 and "\nposition_volume = " in prompt else "buy"
    price = float(re.findall(r"(?m)^price = ([\d.]+)", prompt)[0])
    advice = {
        "decision": decision,
        "confidence": "low",
        "reason": "시험",
        "evidence": [{"name": "price", "value": price}],
    }
    message = {"role": "assistant", "content": json.dumps(advice, ensure_ascii=False), "refusal": None}
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": model,
        "choices": [{"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}],
        "usage": {"prompt_tokens": 5000, "completion_tokens": 90, "total_tokens": 5090},
    }


if __name__ == "__main__":
    routes = [Route("/v1/chat/completions", complete, methods=["POST"])]
    uvicorn.run(Starlette(routes=routes), host="0.0.0.0", port=8020, log_level="warning")
