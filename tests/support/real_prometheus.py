"""A real Prometheus that scrapes a real `upcycle up`: our configuration, with the run's addresses in it."""

import asyncio
import shutil
import subprocess
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import promql_parser
import pytest
import yaml

from infra.prometheus.targets import STAGES
from services.local.nats_server import free_port
from tests.support.processes import ROOT, Up
from tests.support.waiting import eventually

INFRA = ROOT / "infra" / "prometheus"
needs_prometheus = pytest.mark.skipif(
    shutil.which("prometheus") is None, reason="no prometheus here; Debian's package `prometheus` has it"
)


def configuration(running: Up) -> dict[str, Any]:
    """prometheus.yml as it is committed, each second, with addresses for the names that only compose knows."""
    ours = yaml.safe_load((INFRA / "prometheus.yml").read_text(encoding="utf-8"))
    ours["global"] = {"scrape_interval": "1s", "evaluation_interval": "1s", "scrape_timeout": "1s"}
    ours["rule_files"] = [str(INFRA / rules) for rules in ours["rule_files"]]
    jobs = {job["job_name"]: job for job in ours["scrape_configs"]}
    jobs["backend"]["static_configs"] = [{"targets": [f"127.0.0.1:{running.port}"]}]
    del jobs["stages"]["dns_sd_configs"], jobs["stages"]["relabel_configs"]
    jobs["stages"]["static_configs"] = [
        {"targets": [f"127.0.0.1:{running.port_of(stage)}"], "labels": {"stage": stage}} for stage in STAGES
    ]
    jobs["postgres"]["static_configs"] = [{"targets": []}]  # the run keeps its books in SQLite
    return ours


@asynccontextmanager
async def prometheus(running: Up, folder: Path) -> AsyncIterator[httpx.AsyncClient]:
    """A client of its API, once it answers."""
    port = free_port()
    process = _started(configuration(running), folder, port)
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as api:

            async def ready() -> bool:
                assert process.poll() is None, (folder / "prometheus.out").read_text()
                try:
                    return (await api.get("/-/ready")).is_success
                except httpx.TransportError:
                    return False

            await eventually(ready)
            yield api
    finally:
        process.terminate()
        await asyncio.to_thread(process.wait)


def _started(config: dict[str, Any], folder: Path, port: int) -> "subprocess.Popen[bytes]":
    (folder / "prometheus.yml").write_text(yaml.safe_dump(config), encoding="utf-8")
    command = [
        "prometheus",
        f"--config.file={folder / 'prometheus.yml'}",
        f"--storage.tsdb.path={folder / 'tsdb'}",
        f"--web.listen-address=127.0.0.1:{port}",
    ]
    with (folder / "prometheus.out").open("wb") as out:
        return subprocess.Popen(command, stdout=out, stderr=out)


async def answers(api: httpx.AsyncClient, query: str) -> bool:
    """Whether it gives a series whose value is a number."""
    told = (await api.get("/api/v1/query", params={"query": query})).json()
    assert told["status"] == "success", (query, told)
    return any(series["value"][1] != "NaN" for series in told["data"]["result"])


def metrics_of(query: str) -> set[str]:
    """The names of the metrics a query reads."""
    return set(_names(promql_parser.parse(query)))


def _names(node: Any) -> Iterable[str]:
    if isinstance(node, promql_parser.VectorSelector) and node.name:
        yield node.name
    for part in ("expr", "lhs", "rhs", "vector_selector"):
        if (child := getattr(node, part, None)) is not None:
            yield from _names(child)
    for argument in getattr(node, "args", None) or ():
        yield from _names(argument)
