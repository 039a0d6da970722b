"""compose.yaml names every service of the house, and shows the machine no more than its own loopback."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from infra.nats.users import SERVICES, USERS
from shared import settings
from shared.services import EVERYBODYS_SECRETS, NAMED

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "compose.yaml").read_text(encoding="utf-8")
PROMETHEUS = (ROOT / "infra/prometheus/prometheus.yml").read_text(encoding="utf-8")
MAINS = {path.parent.name for path in ROOT.glob("services/*/__main__.py")}


def blocks() -> dict[str, str]:
    """Each block under `services:`, as text."""
    under = TEXT.split("\nservices:\n")[1].split("\nnetworks:\n")[0]
    found = re.split(r"^  ([a-z-]+):", under, flags=re.MULTILINE)[1:]
    return dict(zip(found[::2], found[1::2], strict=True))


@pytest.mark.parametrize("name", sorted(MAINS))
def test_every_service_has_a_block_that_runs_it_at_its_usual_port(name):
    block = blocks()[name]
    assert f"command: [python, -m, services.{name}]\n" in block
    assert f"PORT: {NAMED[name].port}" in block


def test_ports_are_published_on_loopback_only():
    published = re.findall(r"ports: \[(.*)\]", TEXT)
    assert sorted(published) == [
        '"127.0.0.1:3000:3000"', '"127.0.0.1:3001:3000"', '"127.0.0.1:5432:5432"', '"127.0.0.1:8000:8000"',
        '"127.0.0.1:9090:9090"', '"127.0.0.1:9187:9187"',
    ]  # fmt: skip
    assert TEXT.count("ports:") == len(published)


def test_the_broker_acknowledges_nothing_that_is_not_on_disk():
    assert "\n  sync_interval: always\n" in (ROOT / "infra/nats/nats.conf").read_text(encoding="utf-8")


def _docker(*words: str, cwd: Path = ROOT) -> "subprocess.CompletedProcess[str]":
    """Run docker without this shell's own settings, which compose would prefer to the .env."""
    bare = {"PATH": os.defpath + ":/usr/local/bin", "HOME": str(cwd)}
    return subprocess.run(
        ["docker", *words], check=False, cwd=cwd, env=bare, capture_output=True, text=True, timeout=30
    )


@pytest.fixture(scope="module")
def resolved(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What compose itself makes of the file beside a fresh .env; needs no engine."""
    if shutil.which("docker") is None or _docker("compose", "version").returncode:
        pytest.skip("docker compose is not installed")
    folder = tmp_path_factory.mktemp("compose")
    shutil.copy(ROOT / "compose.yaml", folder)
    shutil.copy(ROOT / ".env.example", folder / ".env")
    said = _docker("compose", "config", "--format", "json", cwd=folder)
    assert said.returncode == 0, said.stderr
    services: dict[str, Any] = json.loads(said.stdout)["services"]
    return services


def test_compose_reads_the_same_services_and_ports(resolved):
    assert resolved.keys() == blocks().keys()
    ports = [port for service in resolved.values() for port in service.get("ports", [])]
    assert {port["host_ip"] for port in ports} == {"127.0.0.1"}


def test_live_is_refused_with_a_sentence_before_anything_of_ours_starts():
    command = yaml.safe_load(TEXT)["services"]["topology"]["command"]
    line = command[2].replace("$$", "$").replace("exec upcycle topology", "echo applied")
    for mode, code, said in (("live", 64, "TRADING_MODE: is live, but compose.yaml alone"), ("paper", 0, "applied\n")):
        env = {"PATH": os.defpath, "TRADING_MODE": mode}
        done = subprocess.run([*command[:2], line], env=env, check=False, capture_output=True, text=True)
        assert done.returncode == code
        assert said in done.stderr + done.stdout


def test_every_service_waits_for_what_refuses_live():
    services = yaml.safe_load(TEXT)["services"]
    for name in MAINS:
        waits_for = {name}
        while more := {other for one in waits_for for other in services[one].get("depends_on", {})} - waits_for:
            waits_for |= more
        assert "topology" in waits_for


def test_what_the_containers_need_wins_over_an_env_file_made_for_one_machine(resolved):
    for name in MAINS:
        env = resolved[name]["environment"]
        assert env["HOST"] == "0.0.0.0"
        assert env["UPBIT_BASE_URL"] == "http://paper:8010"
        assert env["DATA_DIR"] == "/data"
        assert env["TRADING_AMOUNT"] == "50000"


def test_each_service_has_its_own_login_at_the_broker_and_no_other(resolved):
    for name in SERVICES:
        env = resolved[name]["environment"]
        assert env["NATS_URL"] == f"nats://{name}:{name}_password@nats:4222"
        assert {env[f"NATS_{user.upper()}_PASSWORD"] for user in USERS} == {""}
    assert "NATS_URL" not in resolved["paper"]["environment"] or "@" not in resolved["paper"]["environment"]["NATS_URL"]


def test_the_database_is_composes_own_for_those_who_use_it(resolved):
    for name in ("backend", "migrations", "topology", "history"):
        url = resolved[name]["environment"]["DATABASE_URL"]
        assert url == "postgresql://trading_user:trading_password@postgres:5432/trading_db"


def test_each_service_is_given_the_secrets_that_it_uses_and_no_other():
    mine = yaml.safe_load(TEXT)["services"]
    for name in MAINS:
        for secret in settings.secrets():
            if secret in EVERYBODYS_SECRETS:
                continue  # straight from .env
            if secret not in NAMED[name].secrets:
                assert mine[name]["environment"][secret.upper()] == "", f"{name} is given {secret.upper()}"
            else:
                assert secret.upper() in mine[name]["environment"][secret.upper()] or secret == "database_url"


def test_no_container_may_take_the_machines_memory(resolved):
    once = {"topology", "migrations", "history"}
    assert {name for name, block in resolved.items() if "mem_limit" not in block} == once


def test_no_container_may_change_itself_or_gain_a_right(resolved):
    """postgres begins as root and hands its folder over; Grafana was never started here."""
    not_locked = {name for name, block in resolved.items() if not block.get("read_only")}
    assert not_locked == {"postgres", "grafana"}
    for name in set(resolved) - not_locked:
        assert resolved[name]["cap_drop"] == ["ALL"]
        assert resolved[name]["security_opt"] == ["no-new-privileges:true"]


def test_prometheus_asks_every_stage_where_it_listens():
    asked = dict(re.findall(r"names: \[(\w+)\], type: A, port: (\d+)", PROMETHEUS))
    assert asked == {name: str(NAMED[name].port) for name in set(SERVICES) - {"backend"}}
    assert '"backend:8000"' in PROMETHEUS


def test_the_keys_to_real_money_enter_no_container(resolved):
    for name in MAINS:
        env = resolved[name]["environment"]
        assert (env["UPBIT_ACCESS_KEY"], env["UPBIT_SECRET_KEY"]) == ("", "")


def test_a_service_is_waited_for_started_again_and_given_time_to_end(resolved):
    for name in MAINS:
        service = resolved[name]
        assert service["healthcheck"]["test"][0] == "CMD"
        assert service["restart"] == "unless-stopped"
        assert service["stop_grace_period"] == "30s"


def test_an_alias_leads_to_no_more_than_two_others():
    """With one more, npm's reader of YAML counts over a hundred and refuses the file as an attack."""
    depths: dict[str, int] = {}
    inside: list[tuple[str | None, int]] = []  # the anchors we stand in, and how deep the aliases in them lead
    for event in yaml.parse(TEXT):
        match event:
            case yaml.CollectionStartEvent():
                inside.append((event.anchor, 0))
            case yaml.CollectionEndEvent():
                anchor, depth = inside.pop()
                depths |= {anchor: depth} if anchor else {}
                inside[-1:] = [(outer, max(deep, depth)) for outer, deep in inside[-1:]]
            case yaml.AliasEvent():
                outer, deep = inside.pop()
                inside.append((outer, max(deep, 1 + depths.get(event.anchor, 0))))
    assert 2 <= max(depths.values()) + 1 <= 3
