"""An empty database of each kind: whoever takes `empty` is tested on SQLite and on PostgreSQL."""

import pytest

from tests.support.postgres import database, postgres


@pytest.fixture(scope="session")
def postgres_server():
    with postgres() as address:
        yield address


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request, tmp_path):
    """The address of a database with nothing in it."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'books.db'}"
        return
    with database(request.getfixturevalue("postgres_server")) as address:
        yield address
