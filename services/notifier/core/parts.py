"""A text cut into what single messages hold; markup comes afterwards, so that none is ever cut (pure)."""

UNITS_MAX = 4096  # of UTF-16, as Telegram counts, before markup
CAPTION_MAX = 1024  # likewise, of what stands under a picture
PARTS_MAX = 5
_MORE = "\n…"


def parts(text: str) -> list[str]:
    """Cut at the ends of lines where there are any, never inside a sign; what is left after PARTS_MAX is left out."""
    rest = text.encode("utf-8", "replace").decode()  # a lone half of a sign can be sent by nobody
    found: list[str] = []
    while rest and len(found) < PARTS_MAX:
        head, rest = _cut(rest, UNITS_MAX)
        if head.strip():  # Telegram takes no empty message
            found.append(head)
    if rest:
        found[-1] = _cut(found[-1], UNITS_MAX - len(_MORE))[0] + _MORE
    return found


def is_caption(text: str) -> bool:
    """Whether it fits under a picture."""
    return units(text) <= CAPTION_MAX


def units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def _cut(text: str, limit: int) -> tuple[str, str]:
    if units(text) <= limit:
        return text, ""
    head = text.encode("utf-16-le")[: 2 * limit].decode("utf-16-le", errors="ignore")
    end = head.rfind("\n") + 1 or len(head)
    return text[:end], text[end:]
