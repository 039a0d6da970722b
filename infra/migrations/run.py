"""Bring a database to this code's shape, from Python: `upcycle up` and the tests call `upgrade`."""

from io import StringIO
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.util.exc import CommandError
from sqlalchemy import URL
from sqlalchemy.exc import DBAPIError

from shared.db import address, trouble
from shared.errors import Permanent

_HERE = Path(__file__).parent


class AnotherVersion(Permanent):
    """The database was migrated by a version of the code that this one does not know."""


class Drift(Permanent):
    """The tables in the code and the migrations do not say the same."""


def upgrade(url: str, to: str = "head") -> None:
    """Apply every missing step; a SQLite file and its folder are made.

    Raises BadAddress, DatabaseAway, DatabaseDamaged, AnotherVersion.
    """
    where = address(url)
    shown = f" {where.render_as_string(hide_password=True)}"
    try:
        command.upgrade(_config(where), to)
    except CommandError as e:
        raise AnotherVersion(
            f"the database{shown} was made by another version of the code, probably a newer one ({e}): "
            "take that version, or empty the database; it is built again from the event log"
        ) from e
    except DBAPIError as e:
        raise trouble(e, where=shown) from e


def downgrade(url: str, to: str = "base") -> None:
    """Take steps back. Their rows are lost; the backend builds them again from the event log."""
    command.downgrade(_config(address(url)), to)


def check(url: str) -> None:
    """Raise Drift if the code's tables and the migrated database differ, or a step is missing."""
    try:
        command.check(_config(address(url)))
    except CommandError as e:
        raise Drift(str(e)) from e


def _config(url: URL) -> Config:
    config = Config(stdout=StringIO())  # what it prints is for its own command line
    config.set_main_option("script_location", str(_HERE).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["url"] = url
    return config
