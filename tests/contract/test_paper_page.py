"""docs/PAPER.md says what is there: its routes, its faults, its examples."""

import json
import re
from pathlib import Path
from typing import get_args

import pytest
from starlette.routing import Route

from services.paper.app import create_app
from services.paper.core.faults import Do, read_script
from shared.settings import Settings
from tests.support.paper_server import NOW, write_tape

PAGE = (Path(__file__).parents[2] / "docs" / "PAPER.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, flags=re.S)


def test_the_table_has_every_route_and_no_other(tmp_path):
    settings = Settings.load(
        data_dir=tmp_path, paper_tape=write_tape(tmp_path), paper_clock="stepped", tape_from=NOW.isoformat()
    )
    app = create_app(settings)
    app.state.exchange.close()
    app.state.nonces.close()
    there = {
        f"{method} {route.path}"
        for route in app.routes
        if isinstance(route, Route) and route.path.startswith("/v1/")
        for method in (route.methods or set()) - {"HEAD"}
    }
    assert set(re.findall(r"^\| `([A-Z]+ /v1/\S+)` \|", PAGE, flags=re.M)) == there


def test_the_table_has_every_fault():
    assert tuple(re.findall(r"^\| `([a-z_]+)` \|", PAGE, flags=re.M)) == get_args(Do)


def test_the_example_of_faults_is_one():
    (example,) = blocks("json")
    script = read_script(example)
    assert [fault.do for fault in script.faults] == [fault["do"] for fault in json.loads(example)["faults"]]
    assert script.key is not None


@pytest.mark.parametrize("snippet", blocks("python"))
def test_the_snippets_carry_the_keys_that_open_it_and_are_python(snippet):
    compile(snippet, "docs/PAPER.md", "exec")
    for name in ("paper_access_key", "paper_secret_key"):
        default = Settings.model_fields[name].default
        key = default if isinstance(default, str) else default.get_secret_value()
        assert key in snippet or "pyupbit" in snippet
