"""All services in this one process, on one event loop: for small machines. `upcycle up --one-process` runs it.

It reads from its input what each service finds in its environment: a JSON object by service, in the order in which
they start. What ends one of them ends all; whoever started this process starts it again.
"""

import asyncio
import json
import os
import signal
import sys
from collections.abc import Mapping
from contextlib import AsyncExitStack
from contextvars import copy_context

import structlog

from services.local.hosting import NotServed, hosted
from shared.errors import Permanent
from shared.process import environment, served
from shared.sentry import set_up_sentry
from shared.settings import PRIVATE, BadSetting, Settings
from shared.telemetry import set_up_logs

ALL = "upcycle"  # what the log calls this process


async def run(services: Mapping[str, Mapping[str, str]]) -> bool:
    """Start each once the one before it serves; then serve until SIGTERM.

    False where one of them ended by itself. Raises NotServed where one does not come up.
    """
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for told_by in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(told_by, stop.set)
    told = asyncio.create_task(_wait(stop))
    async with AsyncExitStack() as stack:
        tasks = [told]
        for name, given in services.items():
            with environment(given):
                config = served(name, Settings.load())
            own = copy_context()
            own.run(structlog.contextvars.bind_contextvars, service=name)
            tasks.append(await stack.enter_async_context(hosted(config, context=own)))
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        return stop.is_set()


async def _wait(stop: asyncio.Event) -> None:
    await stop.wait()


def main() -> None:
    os.umask(PRIVATE)
    services: dict[str, dict[str, str]] = json.load(sys.stdin)
    try:
        with environment(next(iter(services.values()))):
            settings = Settings.load()
        set_up_logs(settings.log_level, service=ALL)
        set_up_sentry(settings, service=ALL)
        sys.exit(0 if asyncio.run(run(services)) else 3)
    except NotServed:  # its log has said why
        sys.exit(3)
    except (BadSetting, Permanent) as e:
        sys.exit(f"{ALL}: {e}")


if __name__ == "__main__":
    main()
