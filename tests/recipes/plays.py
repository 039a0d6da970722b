"""Go on with an older log in a changed house: in one process, then one process a service, as the demo does.

Run in a copy of the tree: python -m tests.recipes.plays FOLDER START HOURS
"""

import asyncio
import sys
from pathlib import Path

from services.local.chain import chain
from services.local.system import system
from shared.events import CycleEnded, CycleMissed
from shared.settings import Settings
from tests.support.hours import LOOSE

SILENT_S = 60  # on a busy machine a process may take its time to begin


def settings_of(folder: Path, start: str, hours: int) -> Settings:
    return Settings.load(
        data_dir=folder, trading_symbol="KRW-ETH", paper_clock="stepped", paper_admin_token="only-for-this-test",
        tape_from=start, tape_hours=hours, **LOOSE,
    )  # fmt: skip


async def in_one_process(settings: Settings) -> None:
    async with chain(settings) as running:
        async for _ in running.events(settings.tape_hours, within_s=SILENT_S):
            pass


async def in_processes(settings: Settings) -> None:
    left, said = settings.tape_hours, list[str]()
    async with system(settings, api_port=None, say=said.append) as running:
        await running.supervisor.start("clock")
        while left:
            event = await asyncio.wait_for(running.heard.get(), SILENT_S)
            left -= isinstance(event, CycleEnded | CycleMissed)
    assert said == []


if __name__ == "__main__":
    how = {"chain": in_one_process, "system": in_processes}[sys.argv[1]]
    asyncio.run(how(settings_of(Path(sys.argv[2]), sys.argv[3], int(sys.argv[4]))))
