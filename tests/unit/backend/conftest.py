import pytest

from tests.support import backend


@pytest.fixture
async def server(server):
    await backend.topology_at(server)
    return server


@pytest.fixture
def book_shown():
    with backend.book_shown():
        yield


@pytest.fixture
async def running(tmp_path, server):
    async with backend.backend(tmp_path, server) as started:
        yield started
        assert started.fatal == []
