from collections.abc import AsyncIterator

import httpx
import pytest

from services.page.app import create_app
from shared.settings import Settings
from tests.support.api_double import TOKEN, ApiDouble


@pytest.fixture
def backend() -> ApiDouble:
    return ApiDouble()


@pytest.fixture
async def browser(backend: ApiDouble) -> AsyncIterator[httpx.AsyncClient]:
    """One that follows no redirect by itself and keeps its cookies."""
    app = create_app(Settings.load(), transport=httpx.MockTransport(backend))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1:3000") as client:
        client.app = app  # type: ignore[attr-defined]
        yield client


@pytest.fixture
async def owner(browser: httpx.AsyncClient) -> httpx.AsyncClient:
    answer = await browser.post("/login", data={"token": TOKEN})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    return browser
