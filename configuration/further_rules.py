"""The file of ``mappingRules``: further rules of DMS table mappings, as JSON."""

from __future__ import annotations

from pathlib import Path

from documents.dms_mappings import FurtherRules
from documents.json_text import read_json

_PROJECT = Path(__file__).parent.parent


def read(path: str) -> FurtherRules:
    """The rules of the file ``path`` (relative to the project's folder, or absolute); none for an empty path.

    Raises ValueError for a file that is not there, or is no ``{"rules": [{…}, …]}``.
    """
    if not path:
        return FurtherRules("")
    try:
        file = _PROJECT / path
        if not file.is_file():
            raise ValueError(path)
        document = read_json(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ValueError(path) from error
    rules = document.get("rules") if isinstance(document, dict) and set(document) == {"rules"} else None
    if not isinstance(rules, list) or not rules or not all(isinstance(rule, dict) for rule in rules):
        raise ValueError(path)
    return FurtherRules(path, tuple(rules))
