import pytest

from tests.support import backend


@pytest.fixture
async def server(tmp_path):
    async with backend.broker(tmp_path) as running:
        yield running


@pytest.fixture
async def running(tmp_path, server):
    async with backend.backend(tmp_path, server) as started:
        yield started
        assert started.fatal == []
