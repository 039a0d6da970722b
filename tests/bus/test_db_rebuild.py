"""`upcycle db rebuild` on a log that was put back from an older copy says what is in neither any more."""

import asyncio
import sqlite3

import nats
import pytest

from services.cli.commands import db
from shared.bus import topology
from shared.bus.broker import make_broker
from shared.bus.namespace import Namespace
from shared.events import Event
from tests.support.backend import migrated
from tests.support.builders import due, end, fill


@pytest.fixture
def log(server):
    """Publish events into a log of its own."""

    def put(*events: Event):
        async def run():
            nc = await nats.connect(server.url)
            await topology.apply(nc.jetstream(), Namespace())
            await nc.close()
            broker, log = make_broker(server.url, name="test", namespace=Namespace())
            async with broker:
                for event in events:
                    await log.emit(event)

        asyncio.run(run())

    return put


@pytest.fixture
def upcycle_db(server, tmp_path, monkeypatch, capsys):
    (tmp_path / "books.db").write_bytes(migrated())
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'books.db'}")

    def run(*, verify=False):
        db.run(verify, tmp_path, server.url)
        return capsys.readouterr().out

    return run


def read_on(tmp_path, **changes):
    """The books, as if they had been read from a log that went on."""
    file = sqlite3.connect(tmp_path / "books.db")
    for column, value in changes.items():
        file.execute(f"update read_state set {column} = ?", (value,))
    file.commit()
    file.close()


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"last_seq": 60, "last_fill": "KRW-ETH-20260109T0300Z"}, "the last fill is that of KRW-ETH-20260109T0300Z"),
        ({"stamp": "another's"}, "its message 3 is another one than it was"),
        ({"stream_created": "2025-01-01 00:00:00.000000"}, "it was made anew"),
    ],
)
def test_what_the_books_knew_and_the_log_has_forgotten_is_told(log, upcycle_db, tmp_path, changes, why, capsys):
    log(due(), fill(), end("OrderFilled"))
    assert "OLDER COPY" not in upcycle_db()
    read_on(tmp_path, **changes)
    with pytest.raises(SystemExit):
        upcycle_db(verify=True)
    assert why in capsys.readouterr().out
    told = upcycle_db()
    assert "THE LOG WAS PUT BACK FROM AN OLDER COPY" in told
    assert why in told
    assert "3 events booked" in told
    assert "no difference" in upcycle_db(verify=True)


def test_books_that_are_not_there_are_built_all_the_same(log, upcycle_db, tmp_path):
    log(due(), fill(), end("OrderFilled"))
    (tmp_path / "books.db").unlink()
    assert "3 events booked" in upcycle_db()
