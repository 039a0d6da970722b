"""The database's engine: PostgreSQL as its address is written, or a SQLite file that survives a power cut."""

from pathlib import Path
from typing import Any

from sqlalchemy import URL, event, make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from shared.errors import Permanent, Transient

_BUSY_S = 5


class BadAddress(Permanent):
    """DATABASE_URL names no database we can use."""


class DatabaseAway(Transient):
    """The database does not answer, or not in time."""


class DatabaseDamaged(Transient):
    """Its file cannot be read. Nobody stops for it: the books can be built again, and trading goes on meanwhile."""


def trouble(e: DBAPIError, *, where: str = "") -> DatabaseAway | DatabaseDamaged:
    """The database's own error, as one sentence. where: its address, without its password."""
    said = next(iter(str(e.orig).splitlines()), type(e.orig).__name__)
    if type(e) is DatabaseError:  # none of its kinds: SQLite's way to say that this is no file of its own any more
        return DatabaseDamaged(
            f"the database{where} is damaged ({said}): end the process, move the file away and start again; "
            "it is built again from the event log"
        )
    return DatabaseAway(f"the database{where} does not answer: {said}")


def address(url: str) -> URL:
    """Check an address, and make the folder of a SQLite file. Raises BadAddress, without the password it may hold.

    A driver that is named in it is passed over: ours are psycopg and sqlite3.
    """
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):  # ValueError: a port that is no number
        raise BadAddress(f"DATABASE_URL: no address of a database; {_ALLOWED}") from None
    kind = parsed.get_backend_name()
    if kind not in ("postgresql", "sqlite"):
        raise BadAddress(f"DATABASE_URL: {kind} is not spoken here; {_ALLOWED}")
    parsed = parsed.set(drivername=kind)
    if kind == "sqlite":
        if parsed.database in (None, "", ":memory:"):
            raise BadAddress(f"DATABASE_URL: names no file, so each process would have books of its own; {_ALLOWED}")
        folder = Path(parsed.database).parent
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as e:
            raise BadAddress(f"DATABASE_URL: the folder {folder} cannot be made: {e.strerror}") from e
    return parsed


_ALLOWED = "write postgresql://USER:PASSWORD@HOST:5432/NAME or sqlite:////folder/file.db"


def make_engine(url: str) -> AsyncEngine:
    """An async engine. For reading alone take `engine.execution_options(reads=True)`: it never waits for a writer."""
    parsed = address(url)
    if parsed.drivername == "postgresql":
        return create_async_engine(parsed, pool_pre_ping=True)
    engine = create_async_engine(parsed.set(drivername="sqlite+aiosqlite"), connect_args={"timeout": _BUSY_S})
    event.listen(engine.sync_engine, "connect", _prepare)
    event.listen(engine.sync_engine, "begin", _begin)
    return engine


def _prepare(connection: Any, _: Any) -> None:
    connection.isolation_level = None  # the driver would begin by itself, and deferred
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={_BUSY_S * 1000}"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin(connection: Any) -> None:
    # Two deferred writers that both have read cannot both go on; an immediate one waits its turn.
    reads = connection.get_execution_options().get("reads", False)
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")
