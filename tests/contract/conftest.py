"""A database of each kind: whoever takes `empty` or `migrated` is tested on SQLite and on PostgreSQL."""

import pytest
from sqlalchemy import make_url

from infra.migrations.run import upgrade
from tests.support import backend
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


@pytest.fixture(scope="session")
def postgres_template(postgres_server):
    """The name of a database with the tables, to be copied."""
    with database(postgres_server) as address:
        upgrade(address)
        yield make_url(address).database


@pytest.fixture(params=["sqlite", "postgresql"])
def migrated(request, tmp_path):
    """The address of a database with the tables and no row."""
    if request.param == "sqlite":
        (tmp_path / "books.db").write_bytes(backend.migrated())
        yield f"sqlite:///{tmp_path / 'books.db'}"
        return
    template = request.getfixturevalue("postgres_template")
    with database(request.getfixturevalue("postgres_server"), like=template) as address:
        yield address
