"""Bring the database to this code's shape, and keep the hours of the tape as history: before the services start.

Run as a script, by preparation.py: it is told the settings on its input and answers with `Prepared`.
"""

import asyncio
import json
import os
import sys
from pathlib import Path

import nats

from infra.migrations.run import upgrade
from services.local.tape_history import keep_tape
from services.paper.adapters.tape_settings import open_tape
from services.paper.core.tape import Tape
from shared.bus.namespace import Namespace
from shared.db import address
from shared.errors import Permanent, Transient
from shared.history.archive import Archive
from shared.history.objects import BrokerObjects
from shared.process import environment
from shared.settings import PRIVATE, BadSetting, Settings


def main() -> None:
    os.umask(PRIVATE)
    told = json.load(sys.stdin)
    with environment(told["settings"]):
        settings = Settings.load()
    try:
        tape = open_tape(settings) if told["tape"] else None
        database = _database(settings)
        upgrade(database)
        if tape is not None:
            asyncio.run(_keep(tape, settings))
    except (BadSetting, Permanent, Transient) as e:
        sys.exit(" ".join(str(e).split()))
    json.dump({"synthetic": tape.synthetic if tape else None, "database": database}, sys.stdout)


async def _keep(tape: Tape, settings: Settings) -> None:
    nc = await nats.connect(settings.nats_url)
    try:
        await keep_tape(Archive(BrokerObjects(nc.jetstream, Namespace(settings.subject_prefix))), tape, settings)
    finally:
        await nc.close()


def _database(settings: Settings) -> str:
    """Its address; a SQLite file by its whole path, because the services run in another folder."""
    url = address(settings.database)
    if url.get_backend_name() == "sqlite" and url.database:
        url = url.set(database=str(Path(url.database).absolute()))
    return url.render_as_string(hide_password=False)


if __name__ == "__main__":
    main()
