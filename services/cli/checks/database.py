"""The database: whether it answers, and whether its tables are this code's."""

import asyncio
import sqlite3
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from infra.migrations.run import check
from services.cli.checks.row import Row
from shared.db import BadAddress, address, make_engine
from shared.errors import Permanent, Transient
from shared.settings import Settings

_ANSWER_S = 5


async def database(settings: Settings) -> list[Row]:
    try:
        where = address(settings.database)
    except BadAddress as e:
        return [Row("database", "fail", str(e), "correct DATABASE_URL")]
    if where.get_backend_name() == "sqlite" and not _is_there(where.database):
        return [Row("database", "skip", f"{where.database} is not there yet", "`upcycle up` makes it")]
    told = where.render_as_string(hide_password=True)
    try:
        async with asyncio.timeout(_ANSWER_S):
            await _ask(settings.database)
    except (SQLAlchemyError, OSError, TimeoutError, sqlite3.Error) as e:
        said = str(e).splitlines()[0] if str(e) else type(e).__name__
        return [Row("database", "fail", f"{told}: {said}", "start it, or correct DATABASE_URL")]
    try:
        await asyncio.to_thread(check, settings.database)
    except (Permanent, Transient) as e:
        todo = "bring it up to date: python -m infra.migrations"
        return [Row("database", "ok", told), Row("migrations", "fail", str(e).splitlines()[0], todo)]
    return [Row("database", "ok", told), Row("migrations", "ok", "the tables are this code's")]


def _is_there(file: str | None) -> bool:
    return Path(file or "").exists()


async def _ask(url: str) -> None:
    engine = make_engine(url)
    try:
        async with engine.execution_options(reads=True).connect() as connection:
            await connection.execute(text("SELECT 1"))
    finally:
        await engine.dispose()
