import nats
import pytest

from shared.bus import topology
from shared.bus.broker import make_broker
from shared.bus.namespace import Namespace


@pytest.fixture
async def nc(server):
    """A bare connection beside the bus, with the topology applied."""
    nc = await nats.connect(server.url)
    await topology.apply(nc.jetstream(), Namespace())
    yield nc
    await nc.close()


@pytest.fixture
async def js(nc):
    return nc.jetstream()


@pytest.fixture
async def log(server, js):
    broker, events = make_broker(server.url, name="test", namespace=Namespace())
    await broker.connect()
    yield events
    await broker.stop()
