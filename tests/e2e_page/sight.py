"""What must hold of every screen: axe finds nothing, nothing scrolls sideways, a thumb hits what it aims at."""

from pathlib import Path
from typing import Any

from playwright.sync_api import Page

AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text(encoding="utf-8")
THUMB = 44  # px
_RUN = "async () => (await axe.run(document, {resultTypes: ['violations']})).violations"
_OVER_THE_EDGE = """() => {
  const width = document.documentElement.clientWidth
  if (document.documentElement.scrollWidth <= width) return []
  return [...document.querySelectorAll('body *')]
    .filter(e => e.getBoundingClientRect().right > width + 0.5).map(e => e.outerHTML.slice(0, 120))
}"""
# A link amid a text is as high as its line (WCAG 2.5.8); a field inside its label is hit by the label.
_TOO_SMALL = """(thumb) => [...document.querySelectorAll('a[href], button, input, select, textarea, summary')]
  .map(e => e.matches('input[type=radio], input[type=checkbox]') ? e.closest('label') ?? e : e)
  .filter(e => e.checkVisibility({visibilityProperty: true}) && !e.closest('p, .skip, .guide'))
  .map(e => [e, e.getBoundingClientRect(), getComputedStyle(e, '::after')])
  .map(([e, box, after]) => [e, after.position === 'absolute' ? e.offsetParent.getBoundingClientRect() : box])
  .filter(([, box]) => box.width < thumb - 0.5 || box.height < thumb - 0.5)
  .map(([e, box]) => `${e.outerHTML.slice(0, 120)}: ${Math.round(box.width)} x ${Math.round(box.height)}`)"""


def faults(page: Page) -> list[str]:
    """Everything that is wrong with the screen as it stands, one line each."""
    return [
        *(f"axe: {told(found)}" for found in axe(page)),
        *(f"sideways: {element}" for element in page.evaluate(_OVER_THE_EDGE)),
        *(f"too small: {element}" for element in page.evaluate(_TOO_SMALL, THUMB)),
    ]


def axe(page: Page) -> list[dict[str, Any]]:
    """Violations; what the page's policy forbids itself does not keep a test's script out."""
    if not page.evaluate("typeof axe === 'object'"):
        page.evaluate(AXE)
    found: list[dict[str, Any]] = page.evaluate(_RUN)
    return found


def told(found: dict[str, Any]) -> str:
    return f"{found['id']} ({found['impact']}): " + "; ".join(
        f"{node['html'][:160]} {node['any'][0]['message'] if node['any'] else ''}" for node in found["nodes"]
    )
