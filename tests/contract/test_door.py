"""No command opens the account past the door."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
OPENS = {"create_exchange", "open_exchange", "UpbitExchange"}  # each gives what can place an order
THE_DOOR = "services/cli/door.py"
THE_EXECUTOR = {"services/executor/app.py", "services/executor/adapters/upbit_exchange.py"}
PAPER = ("services/paper/", "services/local/chain.py")  # its own exchange's maker bears such a name, too


def opening(source: str) -> set[str]:
    """The names in a module that give an exchange, imported, defined or taken from a module."""
    found = set()
    for node in ast.walk(ast.parse(source)) if any(name in source for name in OPENS) else ():
        match node:
            case ast.Import(names=names) | ast.ImportFrom(names=names):
                found |= {name.name.rpartition(".")[2] for name in names}
            case ast.Attribute(attr=name) | ast.Name(id=name) | ast.ClassDef(name=name):
                found.add(name)
            case ast.Constant(value=str() as name):  # getattr, import_module
                found.add(name)
    return found & OPENS


def modules():
    files = [*ROOT.glob("services/**/*.py"), *ROOT.glob("shared/**/*.py")]
    names = (str(file.relative_to(ROOT)) for file in sorted(files))
    return [name for name in names if not name.startswith(PAPER)]


def test_only_the_door_and_the_executor_can_open_the_account():
    assert {name for name in modules() if opening((ROOT / name).read_text())} == {THE_DOOR, *THE_EXECUTOR}


def test_upbits_own_library_is_in_the_hands_of_few():
    """Who takes it elsewhere could order past the door, too."""
    users = {name for name in modules() if "from upbit" in (ROOT / name).read_text()}
    assert {name for name in users if name.startswith("services/cli/")} == set()


@pytest.mark.parametrize(
    "command",
    [
        "from services.executor.app import create_exchange as make",
        "from services.executor import app\nexchange = app.open_exchange(account, way)",
        "import services.executor.adapters.upbit_exchange as door\ndoor.UpbitExchange()",
        "getattr(app, 'create_exchange')(settings)",
    ],
)
def test_a_command_that_tries_is_seen(command):
    assert opening(command)
