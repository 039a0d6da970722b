"""The help of `upcycle`, and where it comes from."""

import subprocess
import sys
from pathlib import Path

from typer.main import get_group
from typer.testing import CliRunner

from services.cli import commands
from services.cli.app import app
from tests.support.golden import assert_golden


def test_the_help_is_the_golden_one():
    shown = CliRunner().invoke(app, ["--help"], prog_name="upcycle", env={"COLUMNS": "80"}).output
    assert_golden("help.txt", shown)


def test_every_file_of_a_command_stands_in_the_help():
    files = {path.stem.replace("_", "-") for path in Path(commands.__file__).parent.glob("*.py")} - {"--init--"}
    assert files == set(commands.NAMES)


def test_a_commands_help_begins_with_what_the_list_says_of_it():
    for name, command in get_group(app).commands.items():
        assert command.name == name
        assert command.help.splitlines()[0] == commands._first_text(name).splitlines()[0]


def test_the_list_is_shown_without_what_the_commands_need():
    look = (
        "import sys\nfrom services.cli.app import app\n"
        "try: app(['--help'])\n"
        "finally: print({'nats', 'polars', 'httpx', 'sqlalchemy', 'shared.events'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "set()"
