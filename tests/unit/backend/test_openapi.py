"""The OpenAPI tells each route whole: what it is for, what to ask, what is answered, and how it refuses."""

import re

import jsonschema_rs
import pytest

from services.backend.app import create_app
from shared.settings import Settings

TOLD = create_app(Settings.load(database_url="sqlite:///never_opened.db")).openapi()
ROUTES = {f"{how.upper()} {path}": way for path, ways in TOLD["paths"].items() for how, way in ways.items()}
READ = [name for name in ROUTES if "/api/" in name]


def fits(example, schema) -> None:
    jsonschema_rs.validator_for(schema | {"components": TOLD["components"]}).validate(example)


@pytest.mark.parametrize("name", ROUTES)
def test_a_route_says_what_it_is_for_and_shows_an_answer_of_its_own_shape(name):
    way = ROUTES[name]
    assert " " in way["summary"]
    assert way["description"]
    (content,) = way["responses"]["200"]["content"].values()
    fits(content["example"], content["schema"])


@pytest.mark.parametrize("name", ROUTES)
def test_a_route_documents_its_problems_each_with_one_to_look_at(name):
    problems = {int(status): said for status, said in ROUTES[name]["responses"].items() if status != "200"}
    expected = {413, 500} | ({400, 401, 422, 429, 503} if name in READ else set())
    assert set(problems) >= expected | ({404} if re.search(r"\{(trade_id|cycle)\}", name) else set())
    for status, said in problems.items():
        content = said["content"]["application/problem+json"]
        fits(content["example"], content["schema"])
        assert content["example"]["status"] == status


@pytest.mark.parametrize("name", ROUTES)
def test_whoever_asks_sees_of_each_parameter_what_can_stand_there(name):
    for parameter in ROUTES[name].get("parameters", ()):
        schemas = [parameter["schema"], *parameter["schema"].get("anyOf", ())]
        shown = [s for s in (*schemas, parameter) if {"enum", "const", "default", "examples", "example"} & set(s)]
        assert shown, parameter["name"]


def test_an_example_beside_its_shape_is_found():
    trades = ROUTES["GET /api/trades"]["responses"]["200"]["content"]["application/json"]
    with pytest.raises(jsonschema_rs.ValidationError):
        fits({"trades": [{"id": "first"}], "total": 1}, trades["schema"])
