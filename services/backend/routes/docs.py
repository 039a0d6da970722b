"""/docs: every route on one plain page, made from the OpenAPI; no script, nothing from elsewhere."""

import json
from html import escape
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

router = APIRouter(tags=["docs"])
_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}"
    "code,pre{font:14px/1.4 ui-monospace,monospace;background:#8882;border-radius:4px;padding:.1em .3em}"
    "pre{padding:.6em;white-space:pre-wrap}article{border-top:1px solid #8886;padding:.5rem 0}"
    "table{border-collapse:collapse}td{padding:.1rem .8rem .1rem 0;vertical-align:top}"
)


@router.get("/docs", response_class=HTMLResponse, include_in_schema=False)
async def docs(request: Request) -> HTMLResponse:
    told, here = request.app.openapi(), escape(str(request.base_url).rstrip("/"))
    routes = ((method, path, way) for path, ways in told["paths"].items() for method, way in ways.items())
    parts = "".join(_route(here, *route) for route in routes)
    return HTMLResponse(
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>Upcycle API</title><style>{_STYLE}</style>'
        f"<h1>Upcycle API</h1><p>{escape(told['info']['description'])}</p>"
        f'<p>For programs: <a href="/openapi.json">/openapi.json</a></p>{parts}</html>'
    )


def _route(here: str, method: str, path: str, way: dict[str, Any]) -> str:
    rows = "".join(
        f"<tr><td><code>{escape(p['name'])}</code><td>{p['in']}<td>{escape(_allowed(p['schema']))}"
        f"<td>{escape(p.get('description', ''))}"
        for p in way.get("parameters", ())
    )
    needs_token = method == "post" or "Needs the token" in way["description"]
    token = ' -H "Authorization: Bearer $API_TOKEN"' if needs_token else ""
    verb = " -X POST" if method == "post" else ""
    answers = ", ".join(f"{status} {escape(said['description'])}" for status, said in way["responses"].items())
    return (
        f"<article><h2><code>{method.upper()} {escape(path)}</code></h2><p>{escape(way.get('description', ''))}</p>"
        f"<table>{rows}</table><pre>curl{verb}{token} {here}{escape(path)}\n{escape(_example(way))}</pre>"
        f"<p>Answers: {answers}</p></article>"
    )


def _example(way: dict[str, Any]) -> str:
    (told,) = way["responses"]["200"]["content"].values()
    example = told["example"]
    return example if isinstance(example, str) else json.dumps(example, ensure_ascii=False)


def _allowed(schema: dict[str, Any]) -> str:
    """ "integer, 1 to 500, by default 50"."""
    if "anyOf" in schema:
        schema = schema | schema["anyOf"][0]
    said = [" | ".join(map(str, schema["enum"])) if "enum" in schema else str(schema.get("type", ""))]
    if "minimum" in schema or "maximum" in schema:
        said.append(f"{schema.get('minimum', '')} to {schema.get('maximum', '')}")
    if schema.get("pattern"):
        said.append(schema["pattern"])
    if schema.get("default") is not None:
        said.append(f"by default {schema['default']}")
    return ", ".join(said)
