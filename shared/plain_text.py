"""Somebody else's words as people may be shown them: what moves a cursor, hides or turns text is made visible."""

_CONTROL_PICTURES = 0x2400


def one_line(text: str) -> str:
    """In one line, so that no text can look like a line of ours; each character stays one character."""
    return text if text.isprintable() else "".join(_shown(char) for char in text)


def visible(text: str) -> str:
    """The same over several lines."""
    return text if text.isprintable() else "\n".join(one_line(line) for line in text.split("\n"))


def _shown(char: str) -> str:
    if char.isprintable():
        return char
    if char.isspace() and ord(char) not in range(0x1C, 0x20):
        return " "
    return chr(_CONTROL_PICTURES + ord(char)) if ord(char) < 0x20 else "\ufffd"
