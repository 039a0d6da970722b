"""How each benchmark ends: its figures beside their bars, the noise, and 1 if a bar is missed."""

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from inspect import isawaitable
from pathlib import Path
from typing import NoReturn

from benchmarks.figures import Found
from benchmarks.quiet import baseline, noise_of

FOUND_FILE = "BENCH_FOUND_FILE"  # in the environment: where `make bench` reads what was found


class NotHere(Exception):
    """What the benchmark needs is missing, and how to get it."""


def run(find: Callable[[], Found | Awaitable[Found]]) -> NoReturn:
    found = _found(find)
    if file := os.environ.get(FOUND_FILE):
        Path(file).write_text(found.model_dump_json(), encoding="utf-8")
    print(verdict(found), flush=True)
    sys.exit(1 if found.missed else 0)


def _found(find: Callable[[], Found | Awaitable[Found]]) -> Found:
    before = baseline()
    try:
        found = find()
        if isawaitable(found):
            found = asyncio.run(_awaited(found))
    except NotHere as e:
        return Found(why_not=str(e))
    return found if found.noise else found.model_copy(update={"noise": noise_of([*before, *baseline()])})


async def _awaited(found: Awaitable[Found]) -> Found:
    return await found


def verdict(found: Found) -> str:
    if found.why_not:
        return f"SKIPPED: {found.why_not}"
    end = f"BEYOND THE BAR: {'; '.join(found.missed)}" if found.missed else "within the bars"
    return "\n".join([*map(str, found.figures), str(found.noise), end])
