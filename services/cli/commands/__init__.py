"""The commands of `upcycle`, a file each, read when its command is used.

A file's first text is the command's help. It holds either `command`, with its options, and `EPILOG`, the examples; or
`group`, a Typer of commands.
"""

import ast
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

# In the order of the help.
NAMES = (
    *("init", "up", "demo", "cycle", "ask", "paper"),  # run something
    *("why", "events", "status", "doctor", "replay", "db", "dead"),  # tell what happened
    *(
        "jobs",
        "pause",
        "exits-only",
        "resume",
        "stop",
        "start",
        "settle",
        "adopt",
        "sell",
        "panic",
        "topology",
    ),  # act on a running bot
    *("gate", "sweep", "check-lookahead", "history"),  # ask years of candles
)


class Commands(TyperGroup):
    """The group of all of them."""

    def __init__(self, **attrs: Any) -> None:
        super().__init__(**attrs)
        self.commands = _Files()  # type: ignore[assignment]

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """By the first text of each file alone: to import them all takes seconds."""
        heads: dict[str, Any] = {name: TyperCommand(name, help=_first_text(name)) for name in NAMES}
        TyperGroup(
            name=self.name, commands=heads, params=self.params, help=self.help, rich_markup_mode=self.rich_markup_mode
        ).format_help(ctx, formatter)


class _Files(Mapping[str, Any]):
    """Each command by its name, imported when it is asked for."""

    def __getitem__(self, name: str) -> Any:
        if name not in NAMES:
            raise KeyError(name)
        return _command(name)

    def __iter__(self) -> Iterator[str]:
        return iter(NAMES)

    def __len__(self) -> int:
        return len(NAMES)


def _command(name: str) -> Any:
    module = import_module(f"{__name__}.{_stem(name)}")
    app = typer.Typer(rich_markup_mode="rich", add_completion=False)
    app.callback()(lambda: None)
    if hasattr(module, "group"):
        app.add_typer(module.group, name=name, help=module.__doc__)
    else:
        app.command(name, help=module.__doc__, epilog=module.EPILOG)(module.command)
    return typer.main.get_group(app).commands[name]


def _first_text(name: str) -> str:
    source = Path(__file__).with_name(f"{_stem(name)}.py").read_text(encoding="utf-8")
    return str(ast.literal_eval(source[: source.index('"""', 3) + 3]))


def _stem(name: str) -> str:
    return name.replace("-", "_")
