"""What the supervisor says of a service that does not come up."""

import pytest

from services.local.errors import StartFailed
from services.local.supervisor import Supervisor
from tests.support.processes import processes_of


@pytest.fixture
def supervisor(tmp_path, server):
    return Supervisor({"NATS_URL": server.url, "DATA_DIR": str(tmp_path / "data")}, tmp_path / "logs")


async def test_a_service_that_lacks_the_topology_is_named_with_the_remedy(supervisor, tmp_path):
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "filter.log").write_text("what an earlier process said\n")
    with pytest.raises(StartFailed) as e:
        await supervisor.start("filter")
    await supervisor.stop("filter")
    assert str(e.value).startswith("filter did not start: NotReady: the broker lacks stream EV")
    assert str(e.value).endswith("apply the topology first: upcycle topology")
    assert not any("services.filter" in what for what in processes_of(tmp_path).values())


async def test_a_setting_that_a_service_refuses_is_its_last_word(supervisor):
    supervisor.env["TELEGRAM_ENABLED"] = "true"
    with pytest.raises(StartFailed, match=r"^notifier did not start: notifier: TELEGRAM_BOT_TOKEN: is not set"):
        await supervisor.start("notifier")
    await supervisor.stop("notifier")
