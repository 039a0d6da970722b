"""What Alembic runs: on the address it is given by the caller, by `-x url=`, or by DATABASE_URL."""

from typing import Any

from alembic import context
from sqlalchemy import NullPool, create_engine

from shared import tables
from shared.columns import EveryDigit, ExactDecimal, UTCDateTime
from shared.settings import Settings


def render_item(kind: str, item: Any, about: Any) -> str | bool:
    """Write our column types by their names into a new migration."""
    if kind == "type" and isinstance(item, ExactDecimal | EveryDigit | UTCDateTime):
        about.imports.add(f"from shared.columns import {type(item).__name__}")
        return repr(item)
    return False


config = context.config
url = config.attributes.get("url") or context.get_x_argument(as_dictionary=True).get("url") or Settings.load().database
options: dict[str, Any] = {
    "target_metadata": tables.metadata,
    "render_as_batch": True,  # SQLite alters a table by building it anew
    "compare_type": True,
    "render_item": render_item,
}

if context.is_offline_mode():
    context.configure(url=url, literal_binds=True, **options)
    with context.begin_transaction():
        context.run_migrations()
else:
    with create_engine(url, poolclass=NullPool).connect() as connection:  # nothing stays open, whatever goes wrong
        context.configure(connection=connection, **options)
        with context.begin_transaction():
            context.run_migrations()
