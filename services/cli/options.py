"""The options that several commands take."""

from pathlib import Path
from typing import Annotated

import typer

from shared.settings import API_PORT

TapeFiles = Annotated[
    list[str],
    typer.Option(
        "--tape", help="Candles as Parquet or CSV, FILE or MARKET=FILE; once for each market.", metavar="FILE"
    ),
]
DataDir = Annotated[Path | None, typer.Option("--data-dir", help="Keep the state here instead of throwing it away.")]

Folder = Annotated[Path | None, typer.Option("--data-dir", help="The folder that holds the log.")]
Broker = Annotated[str | None, typer.Option("--nats", help="A broker; by default the one of the data folder.")]
Api = Annotated[
    str | None,
    typer.Option(
        help=f"Address of a running bot; by default the one of the data folder, or http://127.0.0.1:{API_PORT}."
    ),
]
