"""Athena's SQL, the small parts: names, texts and lists in it, and one value out of a line of JSON. Pure functions."""

from __future__ import annotations

from collections.abc import Sequence


def quoted(name: str) -> str:
    """A name as an identifier. Athena knows lower case only."""
    return '"' + name.lower().replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text as a string literal."""
    return "'" + text.replace("'", "''") + "'"


def value(line: str, *path: str) -> str:
    """The text of the scalar at ``path`` of the JSON text ``line``; NULL where there is none or ``line`` is no JSON."""
    return f"json_extract_scalar({line}, {_path(path)})"


def document(line: str, *path: str) -> str:
    """The JSON at ``path`` of the JSON text ``line``, whatever it is; NULL where there is none."""
    return f"json_extract({line}, {_path(path)})"


def _path(path: Sequence[str]) -> str:
    keys = "".join('["' + key.replace("\\", "\\\\").replace('"', '\\"') + '"]' for key in path)
    return literal("$" + keys)


def listed(items: Sequence[str], indent: int) -> str:
    """A list of SQL, one item a line, as it stands at ``indent``."""
    return (",\n" + " " * indent).join(items)
