"""A guide of the repository's docs as HTML (pure): its own text alone, no HTML of its own, no picture."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from shared.types import Language

if TYPE_CHECKING:
    from markdown_it.token import Token

GUIDES = ("user", "page", "telegram", "orders", "scheduler", "monitoring", "docker", "threats", "glossary")
BOTH = ("glossary",)  # one file for both languages
_GUIDE = re.compile(r"(?P<name>[a-z]+)(?:\.en)?\.md(?P<part>#.*)?")
_OTHER_LANGUAGE = re.compile(r"^\[(?:English|한국어)\]\([^)]*\) · ", re.M)  # which the reader has chosen already
_NO_LETTER = re.compile(r"[^\w\- ]")


def file_of(name: str, language: Language) -> str:
    return f"{name}.md" if language == "ko" or name in BOTH else f"{name}.en.md"


def title(text: str) -> str:
    """Its first line, without the sign."""
    return text.partition("\n")[0].removeprefix("# ").strip()


def html(text: str, table: str) -> str:
    """table: what a wide table is called for those who cannot see it."""
    from markdown_it import MarkdownIt  # slow to load

    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = parser.parse(_OTHER_LANGUAGE.sub("", text, count=1))
    for token, following in zip(tokens, [*tokens[1:], None], strict=True):
        if token.type == "heading_open" and following is not None:
            token.attrSet("id", _slug(following.content))
        token.children = _reachable(token.children) if token.children else token.children
    drawn: str = parser.renderer.render(tokens, parser.options, {})
    drawn = drawn.replace("<table>", f'<div class="scroll" tabindex="0" role="group" aria-label="{table}"><table>')
    return drawn.replace("</table>", "</table></div>")


def _slug(heading: str) -> str:
    """As the repository's own host makes it, so that a link into a guide finds its place here, too."""
    return _NO_LETTER.sub("", heading.lower()).replace(" ", "-")


def _reachable(inline: Sequence["Token"]) -> list["Token"]:
    """Leave pictures out, and of a link that leads nowhere from here all but its text."""
    kept: list[Any] = []
    opened: list[bool] = []
    for token in inline:
        if token.type == "link_open":
            target = _target(str(token.attrGet("href") or ""))
            opened.append(target is not None)
            if target is None:
                continue
            token.attrSet("href", target)
        if token.type == "link_close" and not opened.pop():
            continue
        if token.type != "image":
            kept.append(token)
    return kept


def _target(href: str) -> str | None:
    """An address outside, a place in this guide, or another guide; None of any other file."""
    if href.startswith(("https://", "#")):
        return href
    found = _GUIDE.fullmatch(href)
    return f"/guide/{found['name']}{found['part'] or ''}" if found and found["name"] in GUIDES else None
