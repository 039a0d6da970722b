"""Each recipe of docs/changing.md, followed in a copy of the tree: `make recipes`."""

import asyncio
import re
import shutil

import pytest

from shared.events import DecisionMade
from shared.services import PIPELINE
from tests.recipes.house import House
from tests.recipes.plays import in_one_process, settings_of
from tests.recipes.smaller import COMMAND, FIELD, METRIC, RULE
from tests.recipes.stage import STAGE

pytestmark = pytest.mark.slow
TABLE = "shared/services.py"
HANDLER = "services/sizer/handler.py"
EVENT = "shared/events/sized.py"


@pytest.fixture(scope="module")
def older(tmp_path_factory):
    """Six hours on record, by the house as it stands: a log that is older than what a recipe adds."""
    folder = tmp_path_factory.mktemp("older") / "data"
    asyncio.run(in_one_process(settings_of(folder, "2025-01-02T06:00Z", 6)))
    return folder


@pytest.fixture(scope="module")
def with_stage(tmp_path_factory):
    return House.with_recipe(STAGE, tmp_path_factory.mktemp("stage") / "tree")


def upcycle(house, *words):
    return house.run("-c", "from services.cli.app import main; main()", *words)


def test_a_stage_is_made_and_lints(with_stage):
    with_stage.lint()


def test_a_stage_keeps_the_laws_and_older_hours_are_the_same_byte_by_byte(with_stage):
    with_stage.pytest(*STAGE.proof)


@pytest.mark.parametrize("recipe", [RULE, COMMAND, METRIC, FIELD], ids=lambda recipe: recipe.name)
def test_a_smaller_recipe_lints_and_is_proved_and_an_older_log_replays(recipe, older, tmp_path):
    house = House.with_recipe(recipe, tmp_path / "tree")
    house.lint()
    house.pytest(*recipe.proof)
    assert "6 of 6 cycles are the same byte by byte" in upcycle(house, "replay", "--data-dir", str(older))


def test_a_log_from_before_a_stage_is_replayed_and_gone_on_with(with_stage, older, tmp_path):
    """In one process, then one process a service, as the demo does. No hour is lost, none is traded twice."""
    older = shutil.copytree(older, tmp_path / "data")
    assert "6 of 6 cycles are the same byte by byte" in upcycle(with_stage, "replay", "--data-dir", str(older))
    assert said_in(with_stage, older, "08") == list(PIPELINE)
    with_stage.run("-m", "tests.recipes.plays", "chain", str(older), "2025-01-02T12:00Z", "3")
    with_stage.run("-m", "tests.recipes.plays", "system", str(older), "2025-01-02T15:00Z", "2")
    assert "11 of 11 cycles are the same byte by byte" in upcycle(with_stage, "replay", "--data-dir", str(older))
    assert said_in(with_stage, older, "08") == list(PIPELINE)  # the new stage has left what had ended as it was
    assert (
        said_in(with_stage, older, "12") == said_in(with_stage, older, "16") == [*PIPELINE[:-1], "sizer", PIPELINE[-1]]
    )


def said_in(house, folder, hour):
    """Which stages were run again of a cycle, and said the same."""
    told = upcycle(house, "replay", f"KRW-ETH-20250102T{hour}00Z", "--data-dir", str(folder))
    return re.search(r"the same: \d+ events of ([a-z, ]+)", told)[1].split(", ")


@pytest.mark.parametrize(
    ("file", "right", "wrong", "told"),
    [
        (
            EVENT,
            "ev.sized.{market}.{slot}",
            DecisionMade.SUBJECT,
            f"PositionSized lies at {DecisionMade.SUBJECT}, the place of DecisionMade",
        ),
        (
            EVENT,
            "ev.sized.{market}.",
            "ev.sized.",
            "PositionSized lies at ev.sized.{slot}, and its place is to be like",
        ),
        (TABLE, "(PositionSized, ExitDue)", "(DecisionMade, ExitDue)", "and no stage behind it hears that"),
        (TABLE, '"sizer", (DecisionMade,)', '"sizer", (SignalPassed,)', "sizer is given SignalRejected as well"),
        (TABLE, "says=(PositionSized, CycleFailed)", "says=(CycleFailed,)", "PositionSized: nobody says it"),
        (HANDLER, "-> PositionSized:", "-> DecisionMade:", "sizer: its handler gives DecisionMade"),
        (HANDLER, "decision: DecisionMade)", "decision: ExitDue)", "sizer: its handler takes ExitDue"),
    ],
)
def test_what_is_wrong_about_a_stage_is_named_and_nobody_waits(with_stage, file, right, wrong, told):
    path = with_stage.root / file
    before = path.read_text(encoding="utf-8")
    assert before.count(right) == 1
    path.write_text(
        before.replace(right, wrong).replace("import DecisionMade,", "import DecisionMade, ExitDue,"), "utf-8"
    )
    try:
        said = with_stage.run("-m", "services.sizer", code=1)
    finally:
        path.write_text(before, encoding="utf-8")
    assert told in said
