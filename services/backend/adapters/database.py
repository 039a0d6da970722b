"""One transaction at a time, with the database's own errors told in ours."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, suppress
from typing import Any, TypeVar

from sqlalchemy.exc import DatabaseError, DBAPIError, InterfaceError, OperationalError, TimeoutError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from shared.db import DatabaseAway, trouble
from shared.errors import Transient

Answer = TypeVar("Answer")


class NoTables(Transient):
    """The database is there, but was never migrated."""


@asynccontextmanager
async def transaction(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """Commit on leaving, roll back on any error. Raises DatabaseAway, DatabaseDamaged, NoTables."""
    try:
        async with engine.begin() as connection:
            yield connection
    except TimeoutError as e:  # SQLAlchemy's own: no free connection
        raise DatabaseAway("no free connection to the database") from e
    except (DatabaseError, InterfaceError) as e:
        if _no_table(e):
            raise NoTables(
                "the database has no tables yet; make them: upcycle db rebuild, or python -m infra.migrations"
            ) from e
        if isinstance(e, OperationalError | InterfaceError) or type(e) is DatabaseError:
            raise trouble(e) from e
        raise  # a bug


async def shielded(work: Coroutine[Any, Any, Answer]) -> Answer:
    """Let it end, also where this task is cancelled meanwhile, even twice: a connection that is cut off while it is
    handed back is lost."""
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        while not task.done():
            with suppress(asyncio.CancelledError):
                await asyncio.wait({task})
        raise


def _no_table(e: DBAPIError) -> bool:
    return "no such table" in str(e.orig) or type(e.orig).__name__ == "UndefinedTable"
