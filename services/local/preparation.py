"""What is done once before the services start, in a process of its own: what it loads is let go with it."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from services.local.children import tied
from shared.errors import BadRequest
from shared.settings import Settings, secrets, without_settings


@dataclass(frozen=True)
class Prepared:
    """synthetic: whether the tape is; None where none is played. database: its address, found from any folder."""

    synthetic: bool | None
    database: str


class Preparation:
    """Loads at once, and does its work when it is told the settings. See prepare.py."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def done(self, settings: Settings, *, tape: bool) -> Prepared:
        """tape: whether one is played. Raises BadRequest with its one sentence, or with the end of its traceback."""
        told = {"settings": settings.environment(set(secrets())), "tape": tape}
        out, err = await self._process.communicate(json.dumps(told).encode())
        if self._process.returncode:
            raise BadRequest((err.decode(errors="replace").strip().splitlines() or ["the preparation was killed"])[-1])
        return Prepared(**json.loads(out))


@asynccontextmanager
async def prepared() -> AsyncIterator[Preparation]:
    """Begin to load; whatever happens meanwhile, nothing of it is left in the end."""
    pipe = asyncio.subprocess.PIPE
    command, environment = tied([sys.executable, "-m", "services.local.prepare"]), without_settings(os.environ)
    process = await asyncio.create_subprocess_exec(*command, env=environment, stdin=pipe, stdout=pipe, stderr=pipe)
    try:
        yield Preparation(process)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
