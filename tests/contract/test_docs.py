"""What the README and the guides name is there: commands and their options, make targets, settings, links, alerts."""

import re
import shlex
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.core import TyperGroup

from infra.nats.users import USERS
from services.cli.app import app
from services.page.adapters import guide_files
from shared.settings import LiveKeys, Settings

ROOT = Path(__file__).parents[2]
RULES = ROOT / "infra/prometheus/rules/upcycle.rules.yml"
PAGES = sorted([*ROOT.glob("README*.md"), *ROOT.glob("docs/*.md")])
PAIRS = [(page, page.with_suffix(".en.md")) for page in PAGES if page.with_suffix(".en.md").exists()]
SETTINGS = {name.upper() for table in (Settings, LiveKeys) for name in table.model_fields} | {
    f"NATS_{user.upper()}_PASSWORD" for user in USERS
}
WORDS = {  # capitals that are no setting of ours
    *(
        "RULES_NO_MAJORITY",
        "SEED",
        "CYCLES",
        "ONE_PROCESS",
        "CLOCK_SKEW",
        "SLOT_AHEAD",
        "SLOT_OVER",
        "BOOK_TOO_OLD",
        "UNREADABLE_LOG",
        "IDENTIFIER_TAKEN",
    ),
    *("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"),
}
COMMANDS = typer.main.get_group(app)
Wrong = typer.BadParameter.__mro__[1]  # whatever is wrong with a command line; typer gives it no name of its own

every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)


@dataclass(frozen=True)
class Code:
    """A code span, or a line of a block; line: of the page, from 0."""

    text: str
    line: int


@cache
def code(page: Path) -> tuple[Code, ...]:
    found, inside = [], False
    for n, line in enumerate(page.read_text(encoding="utf-8").splitlines()):
        if line.startswith("```"):
            inside = not inside
        elif inside:
            found.append(Code(line, n))
        else:
            found += [Code(span, n) for span in re.findall(r"`([^`]+)`", line)]
    return tuple(found)


def commands(page: Path) -> list[tuple[int, list[str]]]:
    """What follows the word upcycle, wherever a command line has it, with its line."""
    found = []
    for part in code(page):
        for text in re.split(r"&&|;|\|", re.sub(r"\s#.*", "", part.text)):
            words = shlex.split(text)
            at = [n for n, word in enumerate(words) if word == "upcycle" or word.endswith("/upcycle")]
            found += [(part.line, words[at[0] + 1 :])] if at else []
    return found


def command_of(words: list[str]) -> tuple[Any, list[str]]:
    """The command that words name, and the rest of them."""
    command, rest = COMMANDS, words
    while isinstance(command, TyperGroup) and rest and not rest[0].startswith("-"):
        assert rest[0] in command.commands, f"there is no command `upcycle {' '.join(words)}`"
        command, rest = command.commands[rest[0]], rest[1:]
    return command, rest


def options(command: Any) -> set[str]:
    own = {name for param in command.params for name in param.opts} | {"--help"}
    return own.union(*(options(sub) for sub in getattr(command, "commands", {}).values()))


@every_page
def test_every_command_is_one_and_takes_what_is_shown(page):
    for line, words in commands(page):
        command, rest = command_of(words)
        if isinstance(command, TyperGroup):
            assert set(rest) <= {"--help"}, f"{page.name}:{line + 1}: {words}"
            continue
        try:
            command.make_context(command.name, [word for word in rest if word != "--help"])
        except Wrong as e:
            pytest.fail(f"{page.name}:{line + 1}: `upcycle {' '.join(words)}`: {e.message}")


@every_page
def test_an_option_by_itself_belongs_to_a_command_of_its_line(page):
    on_line: dict[int, set[str]] = {}
    for line, words in commands(page):
        on_line.setdefault(line, set()).update(options(command_of(words)[0]))
    for part in code(page):
        if part.text.startswith("--") and part.line in on_line:
            named = set(re.findall(r"--[a-z-]+", part.text))
            assert named <= on_line[part.line], f"{page.name}:{part.line + 1}: {part.text}"


@every_page
def test_every_make_target_is_one(page):
    targets = set(re.findall(r"^([a-z][a-z0-9-]*):", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.M))
    for part in code(page):
        for target in re.findall(r"(?:^|\s)make ([a-z][a-z0-9-]*)(?![-…\w])", part.text):
            assert target in targets, f"{page.name}:{part.line + 1}: make {target}"


@every_page
def test_every_setting_is_in_the_table(page):
    text = page.read_text(encoding="utf-8")
    named = set(re.findall(r"(?<![\w$])[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+(?![\w…])", text))
    named |= {match[1] for part in code(page) if (match := re.match(r"([A-Z][A-Z0-9_]*)=", part.text))}
    assert named - WORDS <= SETTINGS, f"{page.name}: {sorted(named - WORDS - SETTINGS)}"


@every_page
def test_every_link_leads_to_a_file_and_its_heading(page):
    for link in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
        if link.startswith(("http://", "https://")):
            continue
        file, _, heading = link.partition("#")
        target = (page.parent / file).resolve() if file else page
        assert target.exists(), f"{page.name}: {link}"
        assert not heading or heading in headings(target), f"{page.name}: {link}"


def headings(page: Path) -> set[str]:
    """As GitHub names them in links."""
    titles = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), flags=re.M)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def test_every_guide_stands_in_both_languages():
    alone = {page.name for page in (ROOT / "docs").glob("*.md") if not page.name.endswith(".en.md")}
    assert {korean.name for korean, _ in PAIRS} == alone - {"PAPER.md", "glossary.md"}  # which hold both


@pytest.mark.parametrize(("korean", "english"), PAIRS, ids=lambda page: page.name)
def test_both_languages_show_the_same_commands(korean, english):
    def shown(page: Path) -> list[str]:
        return sorted(" ".join(words) for _, words in commands(page))

    def without_words(commands: list[str]) -> list[str]:
        return [re.sub(r"(--why) .+", r"\1", command) for command in commands]

    assert without_words(shown(korean)) == without_words(shown(english))


@pytest.mark.parametrize("page", ["monitoring.md", "monitoring.en.md"])
def test_every_alert_has_its_row_and_no_other_has(page):
    alerts = re.findall(r"^ +- alert: (\w+)$", RULES.read_text(encoding="utf-8"), flags=re.M)
    rows = re.findall(r"^\| `([A-Z]\w+)` \|", (ROOT / "docs" / page).read_text(encoding="utf-8"), flags=re.M)
    assert rows == alerts
    assert len(alerts) > 20


def test_every_command_of_a_runbook_is_one():
    runbooks = re.findall(r"^ +runbook: (.+)$", RULES.read_text(encoding="utf-8"), flags=re.M)
    named = {name for runbook in runbooks for name in re.findall(r"upcycle ([a-z-]+)", runbook)}
    assert {"why", "status", "pause"} < named <= set(COMMANDS.commands)


def test_a_wheel_brings_the_guides_to_where_the_page_looks_for_them():
    wheel = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert wheel["force-include"] == {folder.name: installed.name for folder, installed in [guide_files.FOLDERS]}
