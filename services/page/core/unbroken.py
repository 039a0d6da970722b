"""A number and its unit stay on one line, and so does a Korean particle behind them (pure)."""

import re

_NB, _WJ = "\u00a0", "\u2060"
_UNIT = re.compile(r"(?<=\d) (%p?|KRW)(?=(\w)?)")
_WORD_FOR_WORD = re.compile(r"(<pre.*?</pre>)", re.S)  # somebody may copy it


def unbroken(html: str) -> str:
    """ "48.0 %로": in Korean a line breaks between words alone, but browsers break on either side of the sign."""
    parts = _WORD_FOR_WORD.split(html)
    return "".join(part if n % 2 else _UNIT.sub(_held, part) for n, part in enumerate(parts))


def _held(found: re.Match[str]) -> str:
    return _NB + found[1] + (_WJ if found[2] else "")
