"""The shape of a JSON body, and where two bodies differ in it: keys and types, never values."""

from collections.abc import Collection
from typing import Any

Shape = dict[str, set[str]]


def shape(body: Any, at: str = "") -> Shape:
    """Each path of a body and the JSON types seen there; `[]` stands for every element of a list."""
    found: Shape = {at: {_type(body)}}
    inner = {f"{at}.{key}": [value] for key, value in body.items()} if isinstance(body, dict) else {}
    if isinstance(body, list):
        inner = {f"{at}[]": body}
    for path, values in inner.items():
        for value in values:
            for deeper, types in shape(value, path).items():
                found.setdefault(deeper, set()).update(types)
    return found


def differences(
    real: Any, ours: Any, *, missing: Collection[str] = (), extra: Collection[str] = (), types: Collection[str] = ()
) -> list[str]:
    """What ours lacks, has beyond, or has of another type; a null of the real one stands for any type.

    missing, extra, types: paths at which that is allowed. One that no longer differs is told too.
    """
    left, right = shape(real), shape(ours)
    lacks, beyond = set(left) - set(right), set(right) - set(left)
    other = {path for path in set(left) & set(right) if not right[path] <= left[path] and "null" not in left[path]}
    said = [f"{path}: is not there" for path in lacks - set(missing)]
    said += [f"{path}: {_words(right[path])} that the real one has not" for path in beyond - set(extra)]
    said += [f"{path}: {_words(right[path])} instead of {_words(left[path])}" for path in other - set(types)]
    said += [f"{path}: is excused, but there" for path in set(missing) & set(left) - lacks]
    said += [f"{path}: is excused as another type, but is none" for path in set(types) - other]
    return sorted(said)


def _type(value: Any) -> str:
    kinds = {bool: "bool", int: "number", float: "number", str: "string", dict: "object", list: "list"}
    return kinds.get(type(value), "null")


def _words(types: set[str]) -> str:
    return " or ".join(sorted(types))
