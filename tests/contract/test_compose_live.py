"""compose.live.yaml gives the keys to real money to two services and takes every tape away."""

from pathlib import Path
from typing import Any

import yaml

from shared.services import SERVICES

ROOT = Path(__file__).parents[2]
OPENERS = {service.name for service in SERVICES if service.opens_account}


class Loader(yaml.SafeLoader):
    """Reads compose's own `!override` as the mapping it stands before."""


Loader.add_constructor("!override", lambda loader, node: loader.construct_mapping(node, deep=True))


def read(name: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.load((ROOT / name).read_text(encoding="utf-8"), Loader)
    return found


def test_on_paper_no_container_gets_the_keys():
    for service in read("compose.yaml")["services"].values():
        environment = service.get("environment", {})
        assert not environment.get("UPBIT_ACCESS_KEY")
        assert not environment.get("UPBIT_SECRET_KEY")


def test_live_two_containers_get_them_and_talk_to_upbit():
    services = read("compose.live.yaml")["services"]
    assert {name for name, block in services.items() if "environment" in block} == OPENERS
    for name in OPENERS:
        environment = services[name]["environment"]
        assert environment["UPBIT_BASE_URL"] == "https://api.upbit.com"
        assert environment["UPBIT_ACCESS_KEY"].startswith("${UPBIT_ACCESS_KEY:?")
        assert environment["UPBIT_SECRET_KEY"].startswith("${UPBIT_SECRET_KEY:?")


def test_live_nothing_that_plays_a_tape_is_started_or_waited_for():
    paper, live = read("compose.yaml"), read("compose.live.yaml")
    away = {name for name, block in live["services"].items() if block.get("profiles") == ["paper"]}
    assert away == {"paper", "history"}
    assert set(live["services"]) <= set(paper["services"])
    for name, block in paper["services"].items():
        waits_for = live["services"].get(name, {}).get("depends_on", block.get("depends_on", {}))
        assert name in away or not away & set(waits_for), name


def test_paper_and_live_share_no_volume():
    assert read("compose.yaml")["name"] != read("compose.live.yaml")["name"]
