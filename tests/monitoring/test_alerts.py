"""Each alert fires when it should and is quiet when it should not: Prometheus' own promtool says so."""

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import promql_parser
import pytest
import yaml

from tests.monitoring.cases import FIRES, HEALTHY, QUIET, Case

INFRA = Path(__file__).parents[2] / "infra" / "prometheus"
RULES = INFRA / "rules" / "upcycle.rules.yml"
GROUPS = yaml.safe_load(RULES.read_text(encoding="utf-8"))["groups"]
ALERTS = {rule["alert"]: rule for group in GROUPS for rule in group["rules"] if "alert" in rule}

needs_promtool = pytest.mark.skipif(
    shutil.which("promtool") is None, reason="no promtool here; Debian's package `prometheus` has it"
)


def test_every_alert_is_shown_firing():
    assert {case.alert for case in FIRES} == set(ALERTS)


@pytest.mark.parametrize("name", ALERTS)
def test_every_alert_says_how_bad_it_is_and_what_to_do_first(name):
    rule = ALERTS[name]
    assert rule["labels"]["severity"] in {"warning", "critical"}
    assert set(rule["annotations"]) == {"summary", "runbook"}


@pytest.mark.parametrize("name", ALERTS)
def test_every_expression_is_promql(name):
    promql_parser.parse(ALERTS[name]["expr"])


@needs_promtool
def test_the_configuration_is_promtools_idea_of_one():
    promtool("check", "config", str(INFRA / "prometheus.yml"))


@needs_promtool
def test_a_healthy_system_raises_no_alarm(tmp_path):
    judge(tmp_path, [Case(name, {}, 200) for name in ALERTS], fires=False)


@needs_promtool
def test_each_alert_fires(tmp_path):
    judge(tmp_path, FIRES, fires=True)


@needs_promtool
def test_each_alert_is_quiet_below_its_limit(tmp_path):
    judge(tmp_path, QUIET, fires=False)


@needs_promtool
@pytest.mark.slow
@pytest.mark.parametrize("name", ALERTS)
def test_an_alert_that_can_never_fire_is_found(tmp_path, name):
    broken = [
        {**group, "rules": [r if r.get("alert") != name else {**r, "expr": "vector(0) > 1"} for r in group["rules"]]}
        for group in GROUPS
    ]
    with pytest.raises(AssertionError, match=name):
        judge(tmp_path, [case for case in FIRES if case.alert == name], fires=True, groups=broken)


def judge(folder: Path, cases: Sequence[Case], *, fires: bool, groups: Any = GROUPS) -> None:
    """Let promtool play the cases. The rules go in without their texts, which it would want said again here."""
    bare = [{**g, "rules": [{k: v for k, v in r.items() if k != "annotations"} for r in g["rules"]]} for g in groups]
    tests = [
        {
            "name": f"{n}",
            "interval": "1m",
            "input_series": [{"series": s, "values": v} for s, v in (HEALTHY | dict(now)).items() if v is not None],
            "alert_rule_test": [
                {
                    "eval_time": f"{case.at_min}m",
                    "alertname": case.alert,
                    "exp_alerts": [{"exp_labels": ALERTS[case.alert]["labels"] | case.labels}] if fires else [],
                }
                for case in played
            ],
        }
        for n, (now, played) in enumerate(_by_series(cases).items())
    ]
    rules, page = folder / "rules.yml", folder / "cases.yml"
    rules.write_text(yaml.safe_dump({"groups": bare}), encoding="utf-8")
    page.write_text(
        yaml.safe_dump({"rule_files": [str(rules)], "evaluation_interval": "1m", "tests": tests}), encoding="utf-8"
    )
    promtool("test", "rules", str(page))


def _by_series(cases: Sequence[Case]) -> dict[tuple[tuple[str, str | None], ...], list[Case]]:
    """Cases that look at the same series are one play."""
    found: dict[tuple[tuple[str, str | None], ...], list[Case]] = {}
    for case in cases:
        found.setdefault(tuple(case.now.items()), []).append(case)
    return found


def promtool(*args: str) -> None:
    done = subprocess.run(["promtool", *args], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
