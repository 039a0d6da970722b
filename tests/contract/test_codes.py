"""Every code that a service can give stands in the catalogue, and is given exactly the figures that it takes."""

import ast
import re
from collections.abc import Iterator
from functools import cache

import pytest

from services.executor.core import risk as rules
from shared.catalogue import (
    ENTRIES,
    Entry,
    analyst,
    exits,
    fear_greed,
    gate,
    jobs,
    missed_slots,
    orders,
    panic,
    risk,
    slots,
    stages,
)
from shared.catalogue.entries import by_code
from shared.errors import Permanent
from shared.events import KINDS, ExitDue
from tests.contract.test_docs import ROOT

FILES = (analyst, exits, fear_greed, gate, jobs, missed_slots, orders, panic, risk, slots)
ANALYSTS = ("services/analyst", "shared/prompt", "shared/events")
CODE = re.compile(r"(?:LLM|RULES|HAZARD|EXIT)_[A-Z_]+|GATE_EXIT_ONLY")
# Of a call that was answered, and why the rules speak in the model's place: their own code stands behind it.
NO_REASON = {"LLM_ANSWERED", "LLM_BUDGET", "LLM_BUDGET_"}
# Settings, and LLM_ as the beginning of a name.
SETTING = re.compile(
    r"EXIT_(STOP_LOSS|TRAILING_STOP|TAKE_PROFIT|SLIPPAGE_MAX)|LLM_(MODEL|API|BASE_URL|TIMEOUT_S|.*KRW.*)|LLM_|EXIT_"
)


@cache
def trees() -> dict[str, ast.AST]:
    files = [file for folder in ("services", "shared") for file in sorted((ROOT / folder).rglob("*.py"))]
    texts = {str(file.relative_to(ROOT)): file.read_text(encoding="utf-8") for file in files}
    return {place: ast.parse(text) for place, text in texts.items() if not place.startswith("shared/catalogue/")}


@cache
def nodes() -> list[tuple[str, ast.AST]]:
    return [(place, node) for place, tree in trees().items() for node in ast.walk(tree)]


def text(node: ast.AST | None) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def given() -> Iterator[tuple[str, str]]:
    """The codes that are written out: as a reason's, an event's or a fault's, and by the names of the analyst's."""
    for place, node in nodes():
        match node:
            case ast.Call(func=ast.Name(id="Reason"), args=[first, *_]) if code := text(first):
                yield place, code
            case ast.keyword(arg="reason_code", value=value) if code := text(value):
                yield place, code
            case ast.Assign(targets=[ast.Name(id="code") | ast.Attribute(attr="code")], value=value):
                if code := text(value):
                    yield place, code
            case ast.Constant(value=str(code)) if place.startswith(
                ("services/analyst", "shared/prompt", "shared/events")
            ):
                if CODE.fullmatch(code) and code not in NO_REASON and not SETTING.fullmatch(code):
                    yield place, code


def test_a_code_that_is_written_out_stands_in_the_catalogue():
    found = set(given())
    assert len(found) > 30
    assert {(place, code) for place, code in found if code not in ENTRIES} == set()


def entry_named(node: ast.AST) -> Entry | None:
    """`risk.BOT_PAUSED`, by whatever name its file goes."""
    if not (isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)):
        return None
    found = (getattr(file, node.attr, None) for file in FILES)
    return next((entry for entry in found if isinstance(entry, Entry)), None)


def names(node: ast.AST | None) -> set[str] | None:
    """The figures of a dict that is written out with plain names; None of anything else."""
    if not isinstance(node, ast.Dict):
        return None
    found = [text(key) for key in node.keys]
    return None if None in found else {name for name in found if name}


def kept() -> Iterator[tuple[str, Entry, set[str]]]:
    for place, node in nodes():
        match node:
            case ast.Call(func=ast.Attribute(value=of, attr="because"), args=args) if entry := entry_named(of):
                if (figures := names(args[0]) if args else set()) is not None:
                    yield place, entry, figures


def test_a_reason_is_given_the_figures_that_its_sentence_takes():
    found = list(kept())
    assert len(found) > 10
    wrong = [(place, entry.code) for place, entry, names in found if not entry.needs() <= names <= entry.takes.keys()]
    assert wrong == []


def rules_with_figures() -> Iterator[tuple[Entry, set[str]]]:
    tree = trees()["services/executor/core/risk.py"]
    functions = {node.name: node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    for entry, rule in rules.RULES:
        for node in ast.walk(functions[rule.__name__]):
            if isinstance(node, ast.Dict) and (figures := names(node)) is not None:
                yield entry, figures
            elif isinstance(node, ast.Name) and node.id == "_FACT":  # an objection that takes none
                yield entry, set()


def test_each_risk_rule_gives_the_figures_that_its_sentence_takes():
    found = list(rules_with_figures())
    assert [entry.code for entry, _ in found] == [entry.code for entry, _ in rules.RULES]
    assert [figures for _, figures in found] == [set(entry.takes) for entry, _ in found]
    assert all(entry.needs() == set(entry.takes) for entry, _ in found)


def test_each_risk_rule_has_a_sentence_of_its_own_and_no_sentence_lacks_its_rule():
    assert [entry for entry, _ in rules.RULES] == [value for value in vars(risk).values() if isinstance(value, Entry)]


def test_no_entry_stands_there_that_nobody_gives():
    written = {node.attr for _, node in nodes() if isinstance(node, ast.Attribute)} | {code for _, code in given()}
    for file in (*FILES, stages):
        for name, value in vars(file).items():
            if isinstance(value, Entry) and value not in exits.BY_RULE.values() and value is not stages.STAGE_GAVE_UP:
                assert {name, value.code} & written, f"nobody gives {value.code}"


def test_every_rule_of_an_exit_and_the_fault_of_any_stage_have_their_sentence():
    rule = ExitDue.model_fields["rule"].annotation
    assert {f"EXIT_{name.upper()}" for name in rule.__args__} == {entry.code for entry in exits.BY_RULE.values()}
    assert exits.BY_RULE.keys() == set(rule.__args__)
    assert Permanent.code == stages.STAGE_GAVE_UP.code


def test_every_set_of_the_gates_objections_has_its_sentence():
    assert {"_".join(("GATE", *codes)) for codes in gate.REFUSED} <= ENTRIES.keys()
    assert len(gate.REFUSED) == 2 ** len(gate.FIGURES) - 1
    doubts = {"few_trades", "hours_missing"}
    given = {name for names in gate.FIGURES.values() for name in names} | doubts
    assert all(entry.takes.keys() == given for entry in gate.REFUSED.values())


def test_a_code_that_stands_there_twice_is_refused():
    with pytest.raises(ValueError, match="BOT_PAUSED twice"):
        by_code([risk.BOT_PAUSED, risk.BOT_STOPPED, Entry("BOT_PAUSED", "다른 말", "other words", {}, True)])


def test_no_event_is_made_with_a_sentence_but_what_a_slot_was_missed_for():
    made = (node for _, node in nodes() if isinstance(node, ast.Call))
    found = {
        node.func.id
        for node in made
        if isinstance(node.func, ast.Name) and any(given.arg == "reason" for given in node.keywords)
    }
    assert found & KINDS.keys() == {"CycleMissed"}  # by a word of a closed list
