import pytest

from services.collector.app import create_stage
from shared.settings import BadSetting, Settings


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"trading_mode": "live"}, r"^UPBIT_ACCESS_KEY: is not set; UPBIT_SECRET_KEY: is not set"),
        ({"upbit_base_url": "https://api.upbit.com"}, r"^UPBIT_BASE_URL: api\.upbit\.com is the real exchange"),
        ({"upbit_base_url": "https://UPBIT.com./v1"}, r"^UPBIT_BASE_URL: upbit\.com is the real exchange"),
    ],
)
async def test_paper_never_talks_to_the_real_exchange(given, said):
    with pytest.raises(BadSetting, match=said):
        create_stage(Settings.load(**given))


@pytest.mark.parametrize("host", ["http://127.0.0.1:8010", "http://upbit.com.example", "http://paper:8010"])
async def test_any_other_host_may_be_the_paper_exchange(host):
    assert create_stage(Settings.load(upbit_base_url=host)).name == "collector"
