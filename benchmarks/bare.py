"""A process of the bare side: nats-py, fetch one, publish bytes of the same size, acknowledge.

python -m benchmarks.bare STAGE URL [cas] [load] [pydantic]    adds parts of ours, to see what they cost
"""

import asyncio
import json
import sys
from contextlib import suppress

import nats
import nats.errors

from benchmarks import payloads
from shared.bus.wire import decode, encode
from shared.events import INTENT_OR_END, CycleEnded


async def main(name: str, url: str, parts: set[str]) -> None:
    nc = await nats.connect(url)
    js = nc.jetstream()
    reader = await js.pull_subscribe_bind(name, stream="EV")
    event = payloads.BY_STAGE[name]()
    trunk, body, headers = event.subject.split(".")[:-2], encode(event), None
    print("ready", flush=True)
    while True:
        messages = []
        with suppress(nats.errors.TimeoutError):
            messages = await reader.fetch(1, timeout=2)
        for msg in messages:
            where = ".".join([*trunk, *msg.subject.split(".")[-2:]])
            if "pydantic" in parts:
                cycle = decode(msg.data, msg.subject).cycle  # type: ignore[attr-defined]
                body = encode(event.model_copy(update={"cycle": cycle}))
            if "load" in parts and name in ("analyst", "executor"):  # as ours do
                await nc.request("$JS.API.DIRECT.GET.EV", json.dumps({"last_by_subj": where}).encode())
            if "cas" in parts:
                headers = once(where)
            await js.publish(where, body, headers=headers)
            await msg.ack()


def once(where: str) -> dict[str, str]:
    """The headers that let a stage's output be stored once."""
    headers = {"Nats-Msg-Id": where, "Nats-Expected-Last-Subject-Sequence": "0"}
    if where.startswith(CycleEnded.SUBJECT.partition("{")[0]):
        market, slot = where.split(".")[-2:]
        headers["Nats-Expected-Last-Subject-Sequence-Subject"] = INTENT_OR_END.format(market=market, slot=slot)
    return headers


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], set(sys.argv[3:])))
