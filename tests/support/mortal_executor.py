"""An executor's process that stays in the first order it sends, once the exchange has it: to be killed there.

Its one argument names a file: whoever gets there first writes his process id into it and waits for ever.
"""

import asyncio
import os
import sys
from collections.abc import Callable
from pathlib import Path

from services.executor import app
from services.executor.adapters.upbit_exchange import UpbitExchange
from services.executor.core.answers import Answer
from services.executor.core.risk import Approved
from shared.process import serve


class Stuck(UpbitExchange):
    async def place(self, approved: Approved, in_time: Callable[[], bool]) -> Answer:
        answer = await super().place(approved, in_time)
        if first(Path(sys.argv[1])):
            await asyncio.sleep(3600)
        return answer


def first(file: Path) -> bool:
    try:
        with file.open("x") as mine:
            mine.write(f"{os.getpid()} ")
    except FileExistsError:
        return False
    return True


if __name__ == "__main__":
    app.__dict__["UpbitExchange"] = Stuck
    serve("executor")
