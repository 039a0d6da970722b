"""Bring a database to this code's shape, from Python: `upcycle up` and the tests call `upgrade`."""

from io import StringIO
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.util.exc import CommandError
from sqlalchemy.exc import DBAPIError

from shared.db import address
from shared.errors import Permanent, Transient

_HERE = Path(__file__).parent


class DatabaseAway(Transient):
    """The database does not answer."""


class Drift(Permanent):
    """The tables in the code and the migrations do not say the same."""


def upgrade(url: str, to: str = "head") -> None:
    """Apply every missing step; a SQLite file and its folder are made. Raises DatabaseAway, BadAddress."""
    address(url)
    try:
        command.upgrade(_config(url), to)
    except DBAPIError as e:
        raise DatabaseAway(f"the database refused: {str(e.orig).splitlines()[0]}") from e


def downgrade(url: str, to: str = "base") -> None:
    """Take steps back. Their rows are lost; the backend builds them again from the event log."""
    command.downgrade(_config(url), to)


def check(url: str) -> None:
    """Raise Drift if the code's tables and the migrated database differ, or a step is missing."""
    try:
        command.check(_config(url))
    except CommandError as e:
        raise Drift(str(e)) from e


def _config(url: str) -> Config:
    config = Config(stdout=StringIO())  # what it prints is for its own command line
    config.set_main_option("script_location", str(_HERE).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["url"] = url
    return config
