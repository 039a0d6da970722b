"""The engine: which addresses it takes, and that writers queue instead of failing."""

import asyncio

import pytest
from sqlalchemy import text

from shared.db import BadAddress, address, make_engine


@pytest.mark.parametrize(
    "url",
    [
        "mysql://root@h/db",
        "postgres",
        "",
        "http://127.0.0.1/x",
        "postgresql://u:p@h:port/x",
        "sqlite://",
        "sqlite:///:memory:",
    ],
)
def test_an_address_that_is_none_of_ours_names_the_setting_and_what_is_allowed(url):
    with pytest.raises(BadAddress, match=r"DATABASE_URL: .*postgresql://"):
        address(url)


def test_a_refused_address_does_not_tell_its_password():
    with pytest.raises(BadAddress) as refused:
        make_engine("mysql://trader:hunter2@h/db")
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize("driver", ["", "+psycopg", "+psycopg2", "+asyncpg"])
async def test_the_owners_address_works_as_written(driver):
    engine = make_engine(f"postgresql{driver}://trading_user:trading_password@postgres:5432/trading_db")
    assert engine.dialect.driver == "psycopg"
    await engine.dispose()


async def test_writers_that_read_first_wait_for_each_other(tmp_path):
    engines = [make_engine(f"sqlite:///{tmp_path}/try.db") for _ in range(3)]
    async with engines[0].begin() as db:
        await db.execute(text("create table k (v integer)"))
        await db.execute(text("insert into k values (0)"))

    async def count(engine):
        for _ in range(20):
            async with engine.begin() as db:
                seen = await db.scalar(text("select v from k"))
                await db.execute(text("update k set v = :v"), {"v": seen + 1})

    await asyncio.gather(*map(count, engines))
    async with engines[0].begin() as db:
        assert await db.scalar(text("select v from k")) == 60
    for engine in engines:
        await engine.dispose()


async def test_a_reader_does_not_wait_for_a_writer(tmp_path):
    engine = make_engine(f"sqlite:///{tmp_path}/try.db")
    async with engine.begin() as db:
        await db.execute(text("create table k (v integer)"))
    async with engine.begin() as writer:
        await writer.execute(text("insert into k values (1)"))
        async with asyncio.timeout(60), engine.execution_options(reads=True).begin() as reader:
            assert await reader.scalar(text("select count(*) from k")) == 0
    await engine.dispose()


async def test_a_sqlite_file_survives_a_power_cut(tmp_path):
    engine = make_engine(f"sqlite:///{tmp_path}/try.db")
    async with engine.begin() as db:
        assert await db.scalar(text("pragma journal_mode")) == "wal"
        assert await db.scalar(text("pragma synchronous")) == 2  # FULL
    await engine.dispose()


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(BadAddress, match=r"the folder .*file/data cannot be made"):
        address(f"sqlite:///{tmp_path}/file/data/books.db")
